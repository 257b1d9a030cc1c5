package io.flowstate.server;

import io.flowstate.core.gateway.Gateway;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.Courier;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.JobsConfig;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;
import io.flowstate.jobs.Worker;
import io.flowstate.jobs.webhook.Sender;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Jobs on an embedded database in a temporary folder; they wait until a worker is started. */
final class TestJobs implements AutoCloseable {
    final Database database;
    private final Path folder;
    private final Gateway gateway;
    private final DiskBlobs blobs;
    private final Egress egress;
    private final JobsConfig config;
    private final Jobs jobs;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Courier> couriers = new ArrayList<>();

    TestJobs(Gateway gateway) {
        try {
            this.folder = Files.createTempDirectory("jobs");
            this.blobs = new DiskBlobs(folder.resolve("blobs"));
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
        this.gateway = gateway;
        this.database = Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), Clock.systemUTC());
        this.egress = new Egress(EgressConfig.DEFAULT.allowing(Set.of("127.0.0.1")), database.clock());
        this.config = JobsConfig.defaults("test", folder.resolve("scratch"));
        this.jobs = new Jobs(database, blobs, gateway, config, new SecureRandom());
    }

    JobsHouse house() {
        return new JobsHouse(jobs, new Webhooks(database, jobs), new LinkSigner(database, new SecureRandom()), egress);
    }

    /** From now on jobs are run. */
    void work() {
        workers.add(Worker.start(database, blobs, gateway, egress, config));
    }

    /** From now on messages about jobs are sent. */
    void deliver() {
        couriers.add(Courier.start(
                database,
                new Sender(egress, database.clock(), new SecureRandom()),
                new WebhookSecrets(database, new SecureRandom()),
                config));
    }

    @Override
    public void close() {
        couriers.forEach(Courier::close);
        workers.forEach(Worker::close);
        jobs.close();
        egress.close();
        database.close();
        try {
            Spool.remove(folder);
        } catch (IOException stuck) {
            throw new UncheckedIOException(stuck);
        }
    }
}
