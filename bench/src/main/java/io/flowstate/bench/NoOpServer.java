package io.flowstate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.Uploads;
import io.flowstate.jobs.UploadsConfig;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;
import io.flowstate.jobs.Worker;
import io.flowstate.server.JobsHouse;
import io.flowstate.server.Server;
import io.flowstate.server.ServerConfig;
import io.flowstate.storage.DatabaseConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The whole server, from the socket to the gateway and back, before a provider that answers each output with the same few bytes. */
final class NoOpServer {
    private NoOpServer() {}

    /**
     * A node of its own: SQLite in a folder, or a PostgreSQL that several share, with the folder for blobs.
     *
     * @param works whether it runs jobs, or only takes them in
     * @param writes whether what runs writes its outputs
     */
    record Node(Path spool, Path data, Optional<String> postgres, boolean works, boolean writes) {
        static Node alone(Path spool) {
            return new Node(spool, spool.resolve("data"), Optional.empty(), false, true);
        }

        List<String> arguments() {
            List<String> all = new ArrayList<>(
                    List.of(spool.toString(), data.toString(), Boolean.toString(works), Boolean.toString(writes)));
            postgres.ifPresent(all::add);
            return all;
        }

        static Node parse(String[] arguments) {
            return new Node(
                    Path.of(arguments[0]),
                    Path.of(arguments[1]),
                    arguments.length > 4 ? Optional.of(arguments[4]) : Optional.empty(),
                    Boolean.parseBoolean(arguments[2]),
                    Boolean.parseBoolean(arguments[3]));
        }

        DatabaseConfig database() {
            return postgres.<DatabaseConfig>map(BenchPostgres::config)
                    .orElseGet(() -> new DatabaseConfig.Embedded(data));
        }
    }

    /** @param arguments of a {@link Node} */
    public static void main(String[] arguments) throws IOException {
        // As flowstate serve does: a line for each request is part of its cost.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.INFO);
        Node node = Node.parse(arguments);
        try (NoOpHouse house = new NoOpHouse(node.data(), node.database(), node.writes());
                @Nullable Worker _ = node.works() ? house.work() : null;
                Server server = Server.start(
                        anyPort(ServerConfig.defaults(node.spool())),
                        io.flowstate.server.Node.ALONE,
                        house.gateway,
                        new JobsHouse(
                                house.jobs,
                                new Uploads(house.database, house.blobs, UploadsConfig.defaults(), new SecureRandom()),
                                new Webhooks(house.database, house.jobs),
                                new WebhookSecrets(house.database, new SecureRandom()),
                                new LinkSigner(house.database, new SecureRandom()),
                                house.egress),
                        house.metrics,
                        Clock.systemUTC(),
                        "bench")) {
            System.out.println(server.port());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static ServerConfig anyPort(ServerConfig defaults) {
        return new ServerConfig(
                defaults.host(),
                0,
                defaults.spoolFolder(),
                defaults.maxBodyBytes(),
                defaults.uploadGrace(),
                defaults.minUploadBytesPerSecond(),
                defaults.minDownloadBytesPerSecond(),
                defaults.maxInFlight(),
                defaults.idle(),
                defaults.drain(),
                defaults.insecurePublic(),
                defaults.allowedHosts(),
                defaults.allowedOrigins());
    }
}
