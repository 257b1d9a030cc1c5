package io.flowstate.bench;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.JobsConfig;
import io.flowstate.jobs.Worker;
import io.flowstate.server.Metrics;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/** All of FlowState that lies behind the HTTP server, as it is wired for {@code flowstate serve}, before a provider that computes nothing. */
final class NoOpHouse implements AutoCloseable {
    /** What every stem consists of. */
    static final int OUTPUT_BYTES = 1024;
    /** Jobs that a node runs at a time. */
    static final int CONCURRENCY = 8;

    final Metrics metrics = new Metrics();
    final AtomicLong runs = new AtomicLong();
    final Gateway gateway;
    final Database database;
    final BlobStore blobs;
    final Egress egress;
    final Jobs jobs;
    private final JobsConfig config;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    /** @param writes whether a run writes its stems; otherwise it gives none */
    NoOpHouse(Path folder, DatabaseConfig where, boolean writes) throws IOException {
        this.gateway = new Gateway(
                CatalogueReader.shipped(),
                List.of(new NoOpProvider(writes, runs)),
                Checkout.current().audio(),
                metrics,
                Clock.systemUTC(),
                timer);
        this.blobs = new DiskBlobs(folder.resolve("blobs"));
        this.config = config(folder.resolve("scratch"));
        this.database = Database.open(where, Clock.systemUTC());
        this.egress = new Egress(EgressConfig.DEFAULT, database.clock());
        this.jobs = new Jobs(database, blobs, gateway, config, new SecureRandom());
    }

    /** Runs jobs from now on. */
    Worker work() {
        return Worker.start(database, blobs, gateway, egress, config);
    }

    /** As by default, but for {@link #CONCURRENCY}: with one job at a time on the provider, as is right for one that computes, the queue would be measured and not its cost. */
    private static JobsConfig config(Path scratch) {
        JobsConfig defaults = JobsConfig.defaults(JobsConfig.nodeName(), scratch);
        return new JobsConfig(
                defaults.node(),
                scratch,
                CONCURRENCY,
                Map.of("local", CONCURRENCY),
                defaults.keepInput(),
                defaults.keepOutput(),
                defaults.keepJob(),
                defaults.maxBytes(),
                defaults.heartbeat(),
                defaults.missedHeartbeats(),
                defaults.maxLosses(),
                defaults.poll(),
                defaults.checkpoint());
    }

    @Override
    public void close() {
        jobs.close();
        egress.close();
        database.close();
        timer.close();
        metrics.close();
    }

    private record NoOpProvider(boolean writes, AtomicLong runs) implements Provider {
        private static final byte[] OUTPUT = new byte[OUTPUT_BYTES];

        @Override
        public String name() {
            return "local";
        }

        @Override
        public Status status(Deployment deployment) {
            return Status.ready(true);
        }

        @Override
        public Result run(Deployment deployment, Request request, Run run) {
            return switch (request) {
                case StemsRequest stems -> answer(deployment, stems, run);
            };
        }

        private Result answer(Deployment deployment, StemsRequest request, Run run) {
            List<String> names = request.selection().parts(deployment.model().stems()).stream()
                    .map(StemSelection.Part::name)
                    .toList();
            if (writes) {
                names.forEach(name -> write(name, request, run));
            }
            runs.incrementAndGet();
            return new StemsResult(names, Duration.ofSeconds(1), 44_100, 1, 0);
        }

        private static void write(String name, StemsRequest request, Run run) {
            try (OutputStream out = run.outputs()
                    .open(new Outputs.Description(name, request.output(), OptionalLong.of(OUTPUT_BYTES)))) {
                out.write(OUTPUT);
            } catch (IOException refused) {
                throw FlowError.of(Code.OUTPUT_NOT_WRITABLE, "The client took no answer.")
                        .causedBy(refused);
            }
        }
    }
}
