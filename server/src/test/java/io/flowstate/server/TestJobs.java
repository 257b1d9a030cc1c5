package io.flowstate.server;

import io.flowstate.core.gateway.Gateway;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.Courier;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.JobsConfig;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.Tally;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;
import io.flowstate.jobs.Worker;
import io.flowstate.jobs.webhook.Sender;
import io.flowstate.storage.Database;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Jobs on an embedded database in a temporary folder; they wait until a worker is started. */
final class TestJobs implements AutoCloseable {
    final Database database;
    private final TestStore store;
    private final Gateway gateway;
    private final Egress egress;
    private final JobsConfig config;
    private final Jobs jobs;
    private final List<Worker> workers = new ArrayList<>();
    /** What is counted where jobs run. */
    final List<Tally> tallies = new CopyOnWriteArrayList<>();

    private final List<Courier> couriers = new ArrayList<>();

    /** @param store goes with it */
    TestJobs(TestStore store, Gateway gateway) {
        this.store = store;
        this.database = store.database;
        this.gateway = gateway;
        this.egress = new Egress(EgressConfig.DEFAULT.allowing(Set.of("127.0.0.1")), database.clock());
        this.config = JobsConfig.defaults("test", store.folder.resolve("scratch"));
        this.jobs = new Jobs(database, store.blobs, gateway, config, new SecureRandom());
    }

    JobsHouse house() {
        return new JobsHouse(
                jobs,
                store.uploads,
                new Webhooks(database, jobs),
                new WebhookSecrets(database, new SecureRandom()),
                new LinkSigner(database, new SecureRandom()),
                egress);
    }

    /** From now on jobs are run. */
    void work() {
        Worker worker = Worker.start(database, store.blobs, gateway, egress, config);
        workers.add(worker);
        tallies.add(worker.tally());
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
        store.close();
    }
}
