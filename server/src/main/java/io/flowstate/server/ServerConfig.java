package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the server listens and what it puts up with.
 *
 * @param host name or address to bind
 * @param port 0 for any free one
 * @param spoolFolder where bodies lie while their request lives; made if it is missing, and best not shared with anything else
 * @param maxBodyBytes of one request
 * @param uploadGrace time that every body may take, whatever its size
 * @param minUploadBytesPerSecond a body may take a second longer for each time that this many bytes of it have come
 * @param minDownloadBytesPerSecond once the work is done, an answer may take {@code idle} and a second longer for each time that this many bytes of it have gone
 * @param maxInFlight tasks that are taken at a time, from the first byte of their upload to the last of their answer
 * @param idle how long a connection may carry no byte while one side owes the other some
 * @param drain how long what runs may go on when the server stops
 * @param insecurePublic allows an address other than loopback, where anybody who reaches it may use the server
 * @param allowedHosts names, besides those of loopback, that a request may give in its {@code Host} header; case does not matter
 * @param allowedOrigins web origins, such as {@code http://localhost:3000}, whose pages may call the API from a browser
 */
public record ServerConfig(
        String host,
        int port,
        Path spoolFolder,
        long maxBodyBytes,
        Duration uploadGrace,
        long minUploadBytesPerSecond,
        long minDownloadBytesPerSecond,
        int maxInFlight,
        Duration idle,
        Duration drain,
        boolean insecurePublic,
        Set<String> allowedHosts,
        Set<String> allowedOrigins) {
    public static final int DEFAULT_PORT = 7070;

    private static final Pattern HOST_NAME = Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+]");
    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#@*\\s]+/?");

    /** @throws FlowError {@link Code#BAD_CONFIG} for a public address without {@code insecurePublic}, or a value out of range */
    public ServerConfig {
        allowedHosts = allowedHosts.stream().map(ServerConfig::hostName).collect(Collectors.toUnmodifiableSet());
        allowedOrigins = allowedOrigins.stream().map(ServerConfig::origin).collect(Collectors.toUnmodifiableSet());
        require(port >= 0 && port <= 65_535, "server.port", "must be 0..65535");
        require(maxBodyBytes > 0, "server.max_body", "must be positive");
        require(uploadGrace.isPositive(), "server.upload_grace", "must be positive");
        require(minUploadBytesPerSecond > 0, "server.upload_rate", "must be positive");
        require(minDownloadBytesPerSecond > 0, "server.download_rate", "must be positive");
        require(maxInFlight > 0, "server.max_in_flight", "must be positive");
        require(idle.isPositive(), "server.idle", "must be positive");
        require(!drain.isNegative(), "server.drain", "must not be negative");
        if (!insecurePublic && !isLoopback(host)) {
            throw FlowError.of(
                            Code.BAD_CONFIG,
                            "The server would listen on %s, where other machines can reach it, and there are no keys.",
                            host)
                    .field("server.host")
                    .advice("Bind 127.0.0.1, put a proxy that authenticates in front, "
                            + "or set server.insecure_public if everybody who reaches the address may use it.");
        }
    }

    /** Loopback and the defaults of everything else. */
    public static ServerConfig defaults(Path spoolFolder) {
        return new ServerConfig(
                "127.0.0.1",
                DEFAULT_PORT,
                spoolFolder,
                2L << 30,
                Duration.ofSeconds(30),
                16 << 10,
                2 << 10,
                64,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                false,
                Set.of(),
                Set.of());
    }

    boolean isLoopback() {
        return isLoopback(host);
    }

    /** As {@link BrowserGuard} compares it: in lower case. */
    private static String hostName(String given) {
        String name = given.strip().toLowerCase(Locale.ROOT);
        require(
                HOST_NAME.matcher(name).matches(),
                "server.allowed_hosts",
                "must be names such as music.example.org, without scheme, port or path, was \"%s\"".formatted(given));
        return name;
    }

    /** As browsers send it: in lower case, without the slash at its end and the port that its scheme has anyway. */
    private static String origin(String given) {
        String lower = given.strip().toLowerCase(Locale.ROOT);
        require(
                ORIGIN.matcher(lower).matches(),
                "server.allowed_origins",
                "must be origins such as http://localhost:3000, without a path, was \"%s\"".formatted(given));
        return lower.replaceFirst("/$", "")
                .replaceFirst("^(http://.*):80$", "$1")
                .replaceFirst("^(https://.*):443$", "$1");
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            throw FlowError.of(Code.BAD_CONFIG, "There is no host \"%s\" to listen on.", host)
                    .field("server.host")
                    .advice("Use 127.0.0.1, or a name or address of this machine.")
                    .causedBy(unknown);
        }
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw FlowError.of(Code.BAD_CONFIG, "%s %s.", field, rule).field(field);
        }
    }
}
