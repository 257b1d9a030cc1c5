package io.flowstate.jobs;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A process of its own that runs jobs until it is killed. What its provider gives depends on the input alone, and takes a while. */
final class DoomedNode {
    private static final int BLOCKS = 10;
    private static final int BLOCK_BYTES = 20_000;
    private static final long BLOCK_NANOS = 8_000_000;

    private final Process process;
    private final BufferedReader told;

    private DoomedNode(Process process) {
        this.process = process;
        this.told = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** @param postgres the address of a database, or nothing for SQLite in the folder */
    static DoomedNode start(Path folder, Optional<String> postgres, String name) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedNode.class.getName(),
                folder.toString(),
                name));
        postgres.ifPresent(command::add);
        return new DoomedNode(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits until it says that no job is left. */
    void awaitIdle() throws IOException {
        for (String line = told.readLine(); line != null; line = told.readLine()) {
            if (line.equals("0")) {
                return;
            }
        }
        throw new IOException("the node died of itself");
    }

    /** Waits until it is at work. */
    void awaitStart() throws IOException {
        if (told.readLine() == null) {
            throw new IOException("the node died of itself");
        }
    }

    /** As by kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    static Database database(Path folder, Optional<String> postgres) {
        return Database.open(
                postgres.<DatabaseConfig>map(
                                url -> new DatabaseConfig.Postgres(url, Optional.of("postgres"), Optional.empty(), 8))
                        .orElseGet(() -> new DatabaseConfig.Embedded(folder.resolve("data"))),
                Clock.systemUTC());
    }

    /** What an output must be. */
    static byte[] expected(byte[] input, String output) {
        byte[] bytes = new byte[BLOCKS * BLOCK_BYTES];
        new Random(new String(input, StandardCharsets.UTF_8).hashCode() * 31L + output.hashCode()).nextBytes(bytes);
        return bytes;
    }

    static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Database database = database(folder, args.length > 2 ? Optional.of(args[2]) : Optional.empty());
        House house = new House(database, folder);
        JobsConfig config = house.config(args[1], 3);
        Worker.start(database, house.blobs, house.gateway(new Slow()), house.egress, config);
        Sweeper sweeper = new Sweeper(database, house.blobs, Duration.ofDays(30));
        while (true) {
            say(database.read(sql -> sql.createQuery("select count(*) from job where status in ('queued', 'running')")
                    .mapTo(int.class)
                    .one()));
            sweeper.sweep();
            LockSupport.parkNanos(50_000_000);
        }
    }

    @SuppressWarnings("SystemOut") // the pipe to the test
    private static void say(int left) {
        System.out.println(left);
    }

    /** Writes each output block by block, with a rest after each. */
    private static final class Slow implements Provider {
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
            StemsRequest stems = (StemsRequest) request;
            List<String> names = stems.selection().parts(deployment.model().stems()).stream()
                    .map(StemSelection.Part::name)
                    .toList();
            try {
                byte[] input = Files.readAllBytes(stems.input().file());
                for (String name : names) {
                    write(run, stems, name, expected(input, name));
                }
            } catch (IOException refused) {
                throw FlowError.of(Code.OUTPUT_NOT_WRITABLE, "An output could not be written.")
                        .causedBy(refused);
            }
            return new StemsResult(names, Duration.ofSeconds(1), 44_100, 1, 0);
        }

        private static void write(Run run, StemsRequest request, String name, byte[] bytes) throws IOException {
            Cancellation cancellation = run.cancellation();
            try (OutputStream to = run.outputs()
                    .open(new Outputs.Description(name, request.output(), OptionalLong.of(bytes.length)))) {
                for (int block = 0; block < BLOCKS; block++) {
                    cancellation.throwIfCanceled();
                    to.write(bytes, block * BLOCK_BYTES, BLOCK_BYTES);
                    run.progress().on(new Progress(Progress.Phase.SEPARATING, block, BLOCKS));
                    LockSupport.parkNanos(BLOCK_NANOS);
                }
            }
        }
    }
}
