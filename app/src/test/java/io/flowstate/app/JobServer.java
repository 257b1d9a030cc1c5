package io.flowstate.app;

import io.flowstate.core.gateway.Gateway;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.JobsConfig;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.Uploads;
import io.flowstate.jobs.UploadsConfig;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;
import io.flowstate.jobs.Worker;
import io.flowstate.server.JobsHouse;
import io.flowstate.server.Metrics;
import io.flowstate.server.Node;
import io.flowstate.server.Server;
import io.flowstate.server.ServerConfig;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** A real server with real jobs in this process; only the house's provider and probe behind it are fakes. Jobs wait until a worker is started. */
final class JobServer implements AutoCloseable {
    static final long MOST_BYTES = 4 << 20;

    private final Gateway gateway;
    private final Database database;
    private final DiskBlobs blobs;
    private final Egress egress;
    private final JobsConfig config;
    private final Jobs jobs;
    private final Metrics metrics = new Metrics();
    private final Server server;
    private Optional<Worker> worker = Optional.empty();

    /**
     * @param folder what is kept; a later server in the same folder has the same jobs
     * @param port 0 for a free one
     */
    JobServer(TestHouse house, Path folder, int port) {
        Clock clock = Clock.systemUTC();
        this.gateway = house.gateway();
        this.database = Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), clock);
        try {
            this.blobs = new DiskBlobs(folder.resolve("blobs"));
            Files.createDirectories(folder.resolve("spool"));
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
        this.egress = new Egress(EgressConfig.DEFAULT, clock);
        this.config = JobsConfig.defaults("test", folder.resolve("scratch"));
        this.jobs = new Jobs(database, blobs, gateway, config, new SecureRandom());
        this.server = Server.start(
                server(folder.resolve("spool"), port),
                Node.ALONE,
                gateway,
                new JobsHouse(
                        jobs,
                        new Uploads(database, blobs, uploads(config), new SecureRandom()),
                        new Webhooks(database, jobs),
                        new WebhookSecrets(database, new SecureRandom()),
                        new LinkSigner(database, new SecureRandom()),
                        egress),
                metrics,
                clock,
                "1.2.3");
    }

    private static UploadsConfig uploads(JobsConfig config) {
        return new UploadsConfig(MOST_BYTES, Duration.ofHours(1), config.maxBytes());
    }

    private static ServerConfig server(Path spool, int port) {
        return new ServerConfig(
                "127.0.0.1",
                port,
                spool,
                MOST_BYTES,
                Duration.ofSeconds(20),
                16 << 10,
                2 << 10,
                16,
                Duration.ofSeconds(30),
                Duration.ZERO,
                false,
                Set.of(),
                Set.of());
    }

    /** From now on jobs are run. */
    JobServer work() {
        worker = Optional.of(Worker.start(database, blobs, gateway, egress, config));
        return this;
    }

    int port() {
        return server.port();
    }

    String address() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        server.close();
        worker.ifPresent(Worker::close);
        jobs.close();
        egress.close();
        database.close();
        metrics.close();
    }
}
