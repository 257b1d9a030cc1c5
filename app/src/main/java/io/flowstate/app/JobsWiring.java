package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.Courier;
import io.flowstate.jobs.Deadlines;
import io.flowstate.jobs.Housekeeping;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.JobsConfig;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.Scratch;
import io.flowstate.jobs.StoreClaim;
import io.flowstate.jobs.Tally;
import io.flowstate.jobs.Uploads;
import io.flowstate.jobs.UploadsConfig;
import io.flowstate.jobs.Vitals;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;
import io.flowstate.jobs.Worker;
import io.flowstate.jobs.webhook.Sender;
import io.flowstate.server.JobsHouse;
import io.flowstate.server.Metrics;
import io.flowstate.server.Node;
import io.flowstate.server.Role;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import io.flowstate.storage.blob.S3Blobs;
import io.flowstate.storage.blob.S3Config;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What keeps and runs the jobs of a server, opened as the settings say, and closed in the opposite order. Used by one thread. */
final class JobsWiring implements AutoCloseable {
    private final Settings settings;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<Node.Check> checks = new ArrayList<>();
    private final List<Tally> tallies = new ArrayList<>();
    private final JobsHouse house;
    private final Optional<Worker> worker;

    /**
     * @param places where folders are that the settings do not name
     * @param metrics are told how jobs stand
     * @throws FlowError {@code BAD_CONFIG} if the database or the store cannot be used
     */
    JobsWiring(Settings settings, Places places, Gateway gateway, Metrics metrics, Clock clock) {
        this.settings = settings;
        SecureRandom random = new SecureRandom();
        try {
            Path folder = settings.get(StoreKeys.DATA_FOLDER).orElseGet(places::data);
            Database database = keep(Database.open(database(folder), clock));
            check("database", () -> reach(database));
            BlobStore blobs = blobs(folder, database);
            Egress egress = keep(new Egress(egress(), database.clock()));
            Scratch scratch = keep(Scratch.open(folder.resolve("scratch")));
            JobsConfig config = jobs(scratch.folder());
            Jobs jobs = keep(new Jobs(database, blobs, gateway, config, random));
            keep(Deadlines.start(database));
            this.house = new JobsHouse(
                    jobs,
                    new Uploads(database, blobs, uploads(config), random),
                    new Webhooks(database, jobs),
                    new WebhookSecrets(database, random),
                    new LinkSigner(database, random),
                    egress);
            this.worker = settings.get(StoreKeys.SERVER_ROLES).contains(Role.WORKER)
                    ? Optional.of(work(database, blobs, gateway, egress, config, random))
                    : Optional.empty();
            worker.ifPresent(running -> check("worker", running::obstacle));
            metrics.watch(() -> Vitals.read(database), config.maxBytes(), tallies);
        } catch (RuntimeException failed) {
            close();
            throw failed;
        }
    }

    /** The courier is there before the worker and stays after it, so that what the last jobs have to tell is still sent. */
    private Worker work(
            Database database,
            BlobStore blobs,
            Gateway gateway,
            Egress egress,
            JobsConfig config,
            SecureRandom random) {
        keep(Courier.start(
                database, new Sender(egress, database.clock(), random), new WebhookSecrets(database, random), config));
        Worker started = keep(Worker.start(database, blobs, gateway, egress, config));
        Housekeeping sweeping = keep(Housekeeping.start(database, blobs, config));
        tallies.add(started.tally());
        tallies.add(sweeping.tally());
        return started;
    }

    JobsHouse house() {
        return house;
    }

    Optional<Worker> worker() {
        return worker;
    }

    /** The node as its settings want it, with what it depends on. */
    Node node() {
        return new Node(settings.get(StoreKeys.SERVER_ROLES), checks);
    }

    private void check(String name, Supplier<Optional<String>> obstacle) {
        checks.add(new Node.Check(name, obstacle));
    }

    private static Optional<String> reach(Database database) {
        int _ = database.read(
                sql -> sql.createQuery("select 1").mapTo(int.class).one());
        return Optional.empty();
    }

    private static Optional<String> reach(Reachable store) {
        try {
            store.requireReachable();
            return Optional.empty();
        } catch (IOException away) {
            return Optional.of("The store for files cannot be used: %s.".formatted(Reason.of(away)));
        }
    }

    /** Throws if it is away. */
    @FunctionalInterface
    private interface Reachable {
        void requireReachable() throws IOException;
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    private DatabaseConfig database(Path folder) {
        return settings.get(StoreKeys.DATABASE_URL)
                .<DatabaseConfig>map(url -> new DatabaseConfig.Postgres(
                        url,
                        settings.get(StoreKeys.DATABASE_USER),
                        settings.get(StoreKeys.DATABASE_PASSWORD),
                        settings.get(StoreKeys.DATABASE_CONNECTIONS)))
                .orElseGet(() -> new DatabaseConfig.Embedded(folder));
    }

    private BlobStore blobs(Path folder, Database database) {
        Optional<String> bucket = settings.get(StoreKeys.BLOBS_S3_BUCKET);
        try {
            if (bucket.isEmpty()) {
                DiskBlobs disk = new DiskBlobs(folder.resolve("blobs"));
                check("blobs", () -> reach(disk::requireReachable));
                StoreClaim.claim(database, disk);
                return disk;
            }
            S3Blobs store = keep(new S3Blobs(s3(bucket.get())));
            store.requireReachable();
            StoreClaim.claim(database, store);
            check("blobs", () -> reach(store::requireReachable));
            return store;
        } catch (IOException refused) {
            throw FlowError.of(Code.BAD_CONFIG, "The store for files cannot be used: %s.", Reason.of(refused))
                    .field(bucket.isEmpty() ? "data.folder" : "blobs.s3_bucket")
                    .advice("Check the settings of blobs and data, and that this user may write there.")
                    .causedBy(refused);
        } catch (IllegalArgumentException wrong) {
            throw FlowError.of(Code.BAD_CONFIG, "A setting of blobs is wrong: %s.", String.valueOf(wrong.getMessage()))
                    .field("blobs")
                    .causedBy(wrong);
        }
    }

    private S3Config s3(String bucket) {
        Optional<S3Config.Credentials> credentials = settings.get(StoreKeys.BLOBS_S3_ACCESS_KEY)
                .flatMap(key -> settings.get(StoreKeys.BLOBS_S3_SECRET_KEY)
                        .map(secret -> new S3Config.Credentials(key, secret)));
        return new S3Config(
                settings.get(StoreKeys.BLOBS_S3_ENDPOINT).map(URI::create),
                settings.get(StoreKeys.BLOBS_S3_REGION).orElse("us-east-1"),
                bucket,
                settings.get(StoreKeys.BLOBS_S3_PREFIX).orElse(""),
                settings.get(StoreKeys.BLOBS_S3_PATH_STYLE),
                credentials,
                S3Config.DEFAULT_ATTEMPT_TIMEOUT,
                S3Config.DEFAULT_ATTEMPTS);
    }

    private EgressConfig egress() {
        return new EgressConfig(
                settings.get(StoreKeys.EGRESS_ALLOWED_HOSTS),
                settings.get(StoreKeys.EGRESS_CONNECT),
                settings.get(StoreKeys.EGRESS_IDLE),
                settings.get(StoreKeys.EGRESS_POST_LIMIT),
                settings.get(StoreKeys.EGRESS_DOWNLOAD_LIMIT));
    }

    private JobsConfig jobs(Path scratch) {
        JobsConfig defaults = JobsConfig.defaults(JobsConfig.nodeName(), scratch);
        return new JobsConfig(
                defaults.node(),
                scratch,
                settings.get(StoreKeys.JOBS_CONCURRENCY),
                settings.get(StoreKeys.JOBS_LANES),
                settings.get(StoreKeys.JOBS_KEEP_INPUT),
                settings.get(StoreKeys.JOBS_KEEP_OUTPUTS),
                settings.get(StoreKeys.JOBS_KEEP),
                settings.get(StoreKeys.JOBS_MAX_BYTES),
                settings.get(StoreKeys.JOBS_HEARTBEAT),
                defaults.missedHeartbeats(),
                settings.get(StoreKeys.JOBS_MAX_LOSSES),
                settings.get(StoreKeys.JOBS_POLL),
                settings.get(StoreKeys.JOBS_CHECKPOINT));
    }

    private UploadsConfig uploads(JobsConfig jobs) {
        return new UploadsConfig(
                settings.get(StoreKeys.UPLOADS_MAX_BYTES), settings.get(StoreKeys.UPLOADS_KEEP), jobs.maxBytes());
    }

    /** Takes up no more jobs, gives what runs some time, and hands the rest back. */
    void drain(Duration limit) {
        worker.ifPresent(running -> running.drain(limit));
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try (AutoCloseable _ = opened.pop()) {
                // Closing is all.
            } catch (RuntimeException failed) {
                throw failed;
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }
    }
}
