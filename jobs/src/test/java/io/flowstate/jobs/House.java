package io.flowstate.jobs;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Telemetry;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.webhook.Sender;
import io.flowstate.storage.Database;
import io.flowstate.storage.blob.DiskBlobs;
import io.flowstate.testkit.Await;
import io.flowstate.testkit.FakeProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** One database and one store, and any number of nodes on them, each with a fake provider of its own. */
final class House implements AutoCloseable {
    static final String OWNER = "me";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    final Database database;
    final BlobStore blobs;
    final Jobs jobs;
    final FakeProvider local = new FakeProvider("local");
    final Egress egress;
    final Scratch scratch;
    final Path folder;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<Worker> workers = new ArrayList<>();
    private final List<Courier> couriers = new ArrayList<>();

    House(Database database, Path folder) throws IOException {
        this(database, folder, new DiskBlobs(folder.resolve("blobs")));
    }

    House(Database database, Path folder, BlobStore blobs) {
        this.database = database;
        this.folder = folder;
        this.scratch = Scratch.open(folder.resolve("scratch"));
        this.egress = new Egress(EgressConfig.DEFAULT.allowing(Set.of("127.0.0.1")), database.clock());
        this.blobs = blobs;
        this.jobs = new Jobs(database, blobs, gateway(local), config("api", 4), new SecureRandom());
    }

    Gateway gateway(Provider provider) {
        return new Gateway(
                CatalogueReader.shipped(),
                List.of(provider),
                (input, _) -> new AudioFacts("wav", "pcm_s16le", 44_100, 2, Optional.of(Duration.ofSeconds(1))),
                Telemetry.NONE,
                database.clock(),
                timer);
    }

    /** Quick at finding a dead node. */
    JobsConfig config(String node, int concurrency) {
        JobsConfig defaults = JobsConfig.defaults(node, scratch.folder());
        return new JobsConfig(
                node,
                defaults.scratch(),
                concurrency,
                Map.of("local", concurrency),
                defaults.keepInput(),
                defaults.keepOutput(),
                defaults.keepJob(),
                64 << 20,
                Duration.ofMillis(200),
                4,
                1_000,
                Duration.ofMillis(100),
                defaults.checkpoint());
    }

    /** A node that runs {@code concurrency} jobs at a time on the house's provider. */
    Worker worker(int concurrency) {
        return worker("node-" + workers.size(), concurrency, local);
    }

    Worker worker(String name, int concurrency, Provider provider) {
        Worker worker = Worker.start(database, blobs, gateway(provider), egress, config(name, concurrency));
        workers.add(worker);
        return worker;
    }

    /** A node that runs jobs on a provider, three at a time, and delivers messages. */
    void work(String name, Provider provider) {
        JobsConfig config = config(name, 3);
        SecureRandom random = new SecureRandom();
        couriers.add(Courier.start(
                database, new Sender(egress, database.clock(), random), new WebhookSecrets(database, random), config));
        workers.add(Worker.start(database, blobs, gateway(provider), egress, config));
    }

    /** How many jobs run on the nodes of this process. */
    int running() {
        return workers.stream().mapToInt(Worker::running).sum();
    }

    /** Jobs that are not over, and messages that are not delivered. */
    int left() {
        return database.read(sql -> sql.createQuery("""
                        select (select count(*) from job where status in ('queued', 'running'))
                            + (select count(*) from scheduled_webhook)""").mapTo(int.class).one());
    }

    /** Waits until nothing is left to do, or so long that something must be wrong, which is for whoever looks then to find. */
    void awaitQuiet() {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!isQuiet() && System.nanoTime() < end) {
            Await.rest(Duration.ofMillis(20));
        }
    }

    private boolean isQuiet() {
        try {
            return left() == 0;
        } catch (FlowError away) {
            return false;
        }
    }

    /** Of a song so long that it is a file in the store. */
    Submission submission() {
        return submission(OWNER, Policy.DEFAULT);
    }

    Submission submission(String owner, Policy policy) {
        try {
            Path file = Files.write(
                    Files.createTempFile(folder, "song", ".wav"),
                    "a long song ".repeat(4_000).getBytes(StandardCharsets.UTF_8));
            return new Submission(
                    owner,
                    StemsRequest.of(new AudioInput("song.wav", file)),
                    policy,
                    new Submission.Sent("song.wav", file, Files.size(file), "00"),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    Job submit() {
        return jobs.submit(submission());
    }

    /** Takes a job's place in the queue, as a node does that is about to begin it. */
    Schedule.Place claim(String id) {
        long version = database.write(
                tx -> tx.sql().createQuery("""
                        update scheduled_task set version = version + 1
                        where task_name = 'job' and task_instance = :id returning version""").bind("id", id).mapTo(long.class).one());
        return new Schedule.Place(id, version, 0);
    }

    /** Begins a job as if a node did, without a message. */
    Job begin(String id, String node) {
        Schedule.Place place = claim(id);
        return database.write(
                tx -> JobStates.begin(tx, place, node, database.clock().instant())
                        .orElseThrow()
                        .job());
    }

    Job awaitEnd(Job job) {
        return jobs.awaitEnd(job.owner(), job.id(), Duration.ofSeconds(20));
    }

    Job now(Job job) {
        return jobs.find(job.owner(), job.id());
    }

    byte[] read(Job job, String output) throws IOException {
        Output found = jobs.outputs(job).stream()
                .filter(each -> each.name().equals(output))
                .findFirst()
                .orElseThrow();
        try (var stream = jobs.read(job, found, 0, Long.MAX_VALUE)) {
            return stream.readAllBytes();
        }
    }

    @Override
    public void close() {
        workers.forEach(Worker::close);
        couriers.forEach(Courier::close);
        jobs.close();
        egress.close();
        timer.shutdownNow();
        scratch.close();
        database.close();
    }
}
