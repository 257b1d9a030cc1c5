package io.flowstate.models;

import io.flowstate.core.Secret;
import io.flowstate.models.ModelStoreConfig.Clients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Stores for tests: no wait between tries, no byte kept free, and a clock that stands. */
final class TestStores {
    static final Instant NOW = Instant.parse("2026-11-22T10:15:30Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    static final Duration STALL = Duration.ofSeconds(5);
    private static final URI NOWHERE = URI.create("http://127.0.0.1:9");
    private static final Clients NONE =
            new Clients(List.of("no-such-npm"), List.of("no-such-mvn"), List.of("no-such-pip"));

    private TestStores() {}

    static DiskModelStore in(Path folder) {
        return of(config(folder, NOWHERE, NONE));
    }

    static DiskModelStore of(ModelStoreConfig config) {
        return new DiskModelStore(config, CLOCK, (length, cancellation) -> cancellation.throwIfCanceled());
    }

    static DiskModelStore withHub(Path folder, URI endpoint, String token) {
        return of(new ModelStoreConfig(folder, false, endpoint, Optional.of(new Secret(token)), NONE, 0, STALL, STALL));
    }

    static DiskModelStore withClients(Path folder, Clients clients) {
        return of(config(folder, NOWHERE, clients));
    }

    static ModelStoreConfig config(Path folder, URI hub, Clients clients) {
        return new ModelStoreConfig(folder, false, hub, Optional.empty(), clients, 0, STALL, STALL);
    }

    static ModelStoreConfig offline(Path folder) {
        return new ModelStoreConfig(folder, true, NOWHERE, Optional.empty(), NONE, 0, STALL, STALL);
    }

    /** All regular files below a folder, relative to it, but not the lock files, which stay. */
    static List<String> filesIn(Path folder) {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(file -> !file.startsWith("locks"))
                    .sorted()
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
