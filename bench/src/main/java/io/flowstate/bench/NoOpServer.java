package io.flowstate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
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
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.jobs.Jobs;
import io.flowstate.jobs.JobsConfig;
import io.flowstate.jobs.LinkSigner;
import io.flowstate.jobs.Uploads;
import io.flowstate.jobs.UploadsConfig;
import io.flowstate.jobs.WebhookSecrets;
import io.flowstate.jobs.Webhooks;
import io.flowstate.server.JobsHouse;
import io.flowstate.server.Metrics;
import io.flowstate.server.Node;
import io.flowstate.server.Server;
import io.flowstate.server.ServerConfig;
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
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.LoggerFactory;

/** The whole server, from the socket to the gateway and back, before a provider that answers each output with the same few bytes. */
final class NoOpServer {
    /** What every stem consists of. */
    static final int OUTPUT_BYTES = 1024;

    private NoOpServer() {}

    /** Computes nothing. */
    private record NoOpProvider() implements Provider {
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

        private static Result answer(Deployment deployment, StemsRequest request, Run run) {
            List<String> names = request.selection().parts(deployment.model().stems()).stream()
                    .map(StemSelection.Part::name)
                    .toList();
            for (String name : names) {
                try (OutputStream out = run.outputs()
                        .open(new Outputs.Description(name, request.output(), OptionalLong.of(OUTPUT_BYTES)))) {
                    out.write(OUTPUT);
                } catch (IOException refused) {
                    throw FlowError.of(Code.OUTPUT_NOT_WRITABLE, "The client took no answer.")
                            .causedBy(refused);
                }
            }
            return new StemsResult(names, Duration.ofSeconds(1), 44_100, 1, 0);
        }
    }

    /** @param arguments the spool folder */
    public static void main(String[] arguments) throws IOException {
        // As flowstate serve does: a line for each request is part of its cost.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.INFO);
        ServerConfig defaults = ServerConfig.defaults(Path.of(arguments[0]));
        ServerConfig anyPort = new ServerConfig(
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
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
                Metrics metrics = new Metrics()) {
            Gateway gateway = new Gateway(
                    CatalogueReader.shipped(),
                    List.of(new NoOpProvider()),
                    Checkout.current().audio(),
                    metrics,
                    Clock.systemUTC(),
                    timer);
            Path data = Path.of(arguments[0], "data");
            DiskBlobs blobs = new DiskBlobs(data.resolve("blobs"));
            try (Database database = Database.open(new DatabaseConfig.Embedded(data), Clock.systemUTC());
                    Egress egress = new Egress(EgressConfig.DEFAULT, database.clock());
                    Jobs jobs = new Jobs(
                            database,
                            blobs,
                            gateway,
                            JobsConfig.defaults("bench", data.resolve("scratch")),
                            new SecureRandom());
                    Server server = Server.start(
                            anyPort,
                            Node.ALONE,
                            gateway,
                            new JobsHouse(
                                    jobs,
                                    new Uploads(database, blobs, UploadsConfig.defaults(), new SecureRandom()),
                                    new Webhooks(database, jobs),
                                    new WebhookSecrets(database, new SecureRandom()),
                                    new LinkSigner(database, new SecureRandom()),
                                    egress),
                            metrics,
                            Clock.systemUTC(),
                            "bench")) {
                System.out.println(server.port());
                System.in.transferTo(OutputStream.nullOutputStream());
            }
        }
    }
}
