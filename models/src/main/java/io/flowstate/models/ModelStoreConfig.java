package io.flowstate.models;

import io.flowstate.core.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where models are kept and how they may be fetched.
 *
 * @param folder root of the store
 * @param offline whether nothing may be fetched from another machine
 * @param hubEndpoint of the model hub or a mirror of it ({@code HF_ENDPOINT})
 * @param hubToken sent to the hub's own origin and nowhere else ({@code HF_TOKEN})
 * @param clients commands of the package clients
 * @param minFreeBytes what a pull must leave free on the disk
 * @param stallLimit how long a connection may be silent before it counts as dropped
 * @param clientSilenceLimit how long a package client may neither speak nor write before it is stopped; they retry by themselves, so it is longer
 */
public record ModelStoreConfig(
        Path folder,
        boolean offline,
        URI hubEndpoint,
        Optional<Secret> hubToken,
        Clients clients,
        long minFreeBytes,
        Duration stallLimit,
        Duration clientSilenceLimit) {
    public static final URI PUBLIC_HUB = URI.create("https://huggingface.co");

    /** How each package client is started; the arguments follow. */
    public record Clients(List<String> npm, List<String> maven, List<String> pip) {
        public Clients {
            npm = List.copyOf(npm);
            maven = List.copyOf(maven);
            pip = List.copyOf(pip);
        }

        /** As they are usually found on the PATH of this system. */
        public static Clients onPath() {
            boolean windows = System.getProperty("os.name", "").startsWith("Windows");
            return windows
                    ? new Clients(List.of("npm.cmd"), List.of("mvn.cmd"), List.of("python", "-m", "pip"))
                    : new Clients(List.of("npm"), List.of("mvn"), List.of("python3", "-m", "pip"));
        }
    }

    /** The public hub without a token, the usual clients, 256 MiB left free, half a minute of silence on a connection and five minutes of a client. */
    public static ModelStoreConfig in(Path folder) {
        return new ModelStoreConfig(
                folder,
                false,
                PUBLIC_HUB,
                Optional.empty(),
                Clients.onPath(),
                256L << 20,
                Duration.ofSeconds(30),
                Duration.ofMinutes(5));
    }
}
