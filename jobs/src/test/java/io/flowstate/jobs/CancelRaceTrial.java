package io.flowstate.jobs;

import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Jobs that are canceled at about the time at which they are done. */
public final class CancelRaceTrial {
    /** By how many nanoseconds the job's last sample comes before the word to cancel it: more after one that was canceled, less after one that was not. */
    private static final long STEP = 2_000_000;

    private static final long SPREAD = 5_000_000;

    private static final byte[] BYTES = {1, 2, 3};

    private CancelRaceTrial() {}

    /**
     * How the races ended.
     *
     * @param illegal jobs that are neither succeeded with all outputs nor canceled with none, or came to an end more than once
     */
    public record Outcome(int succeeded, int canceled, Set<String> illegal) {}

    /** A new folder that no disk keeps, where the system has such: races are about order and not about durability, and many. */
    public static Path folder() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "flowstate-")
                : Files.createTempDirectory("flowstate-");
    }

    /** On SQLite, or on a PostgreSQL of its own with two nodes. */
    public static Outcome run(Path folder, boolean postgres, int races, long seed) throws IOException {
        if (!postgres) {
            try (House house = new House(Databases.sqlite(folder), folder)) {
                return race(house, List.of(house), races, seed);
            }
        }
        try (TestPostgres server = new TestPostgres()) {
            Optional<String> address = Optional.of(server.address());
            try (House house = new House(Databases.open(folder, address), folder);
                    House other = new House(Databases.open(folder, address), folder)) {
                return race(house, List.of(house, other), races, seed);
            }
        }
    }

    private static Outcome race(House house, List<House> nodes, int races, long seed) throws IOException {
        Transitions.watch(house.database);
        SplittableRandom random = new SplittableRandom(seed);
        List<Job> jobs = new ArrayList<>();
        for (House node : nodes) {
            node.worker("node-" + nodes.indexOf(node), 1, house.local);
        }
        long lead = 0;
        for (int race = 0; race < races; race++) {
            Gate gate = new Gate();
            house.local.next(Script.start().openAll().writeAll(BYTES).await(gate));
            Job job = house.submit();
            jobs.add(job);
            gate.awaitReached();
            long ahead = lead + random.nextLong(-SPREAD, SPREAD);
            Thread _ = Thread.ofVirtual().start(() -> {
                LockSupport.parkNanos(Math.max(0, -ahead));
                gate.open();
            });
            LockSupport.parkNanos(Math.max(0, ahead));
            house.jobs.cancel(House.OWNER, job.id());
            boolean tooSoon = house.awaitEnd(job).status() == Job.Status.CANCELED;
            lead += tooSoon ? STEP : -STEP;
        }
        return outcome(house, jobs);
    }

    private static Outcome outcome(House house, List<Job> jobs) throws IOException {
        Map<String, Long> successes = Transitions.ends(house.database, Job.Status.SUCCEEDED);
        Map<String, Long> cancellations = Transitions.ends(house.database, Job.Status.CANCELED);
        Map<Job.Status, List<Job>> ends = jobs.stream().map(house::now).collect(Collectors.groupingBy(Job::status));
        List<Job> succeeded = ends.getOrDefault(Job.Status.SUCCEEDED, List.of());
        List<Job> canceled = ends.getOrDefault(Job.Status.CANCELED, List.of());
        Set<String> illegal = jobs.stream().map(Job::id).collect(Collectors.toSet());
        for (Job job : succeeded) {
            List<Output> outputs = house.jobs.outputs(job);
            if (outputs.size() == 4
                    && outputs.stream().allMatch(Output::isComplete)
                    && Arrays.equals(house.read(job, "vocals"), BYTES)
                    && successes.getOrDefault(job.id(), 0L) == 1
                    && !cancellations.containsKey(job.id())) {
                illegal.remove(job.id());
            }
        }
        for (Job job : canceled) {
            if (house.jobs.outputs(job).isEmpty()
                    && cancellations.getOrDefault(job.id(), 0L) == 1
                    && !successes.containsKey(job.id())) {
                illegal.remove(job.id());
            }
        }
        return new Outcome(succeeded.size(), canceled.size(), illegal);
    }
}
