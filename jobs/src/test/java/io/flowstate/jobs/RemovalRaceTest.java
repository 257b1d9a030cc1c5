package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.FlowError;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are removed while they run: the word to stop wakes just that transaction which wants the same rows. */
final class RemovalRaceTest {
    private static final int ROUNDS = 60;
    private static final int AT_ONCE = 4;

    @TempDir(factory = FolderInMemory.class)
    Path folder;

    @Test
    void a_job_that_is_removed_as_it_stops_is_removed_and_nobody_is_in_the_way_of_the_other() throws Exception {
        try (TestPostgres server = new TestPostgres();
                House house = new House(Databases.postgres(server.address()), folder);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            house.worker(AT_ONCE);
            for (int round = 0; round < ROUNDS; round++) {
                List<Job> running = begin(house);
                CountDownLatch together = new CountDownLatch(1);
                List<Future<?>> removals = running.stream()
                        .<Future<?>>map(job -> callers.submit(() -> {
                            together.await();
                            house.jobs.remove(House.OWNER, job.id());
                            return null;
                        }))
                        .toList();
                together.countDown();
                for (Future<?> removal : removals) {
                    removal.get();
                }
                assertThat(running).allMatch(job -> isGone(house, job));
            }
            house.awaitQuiet();
            assertThat(house.left()).isZero();
        }
    }

    /** Some that have each written something and wait. */
    private static List<Job> begin(House house) throws IOException {
        List<Job> running = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            Gate gate = new Gate();
            house.local.next(Script.start().openAll().writeAll(new byte[] {1}).await(gate));
            running.add(house.submit());
            gate.awaitReached();
        }
        return running;
    }

    private static boolean isGone(House house, Job job) {
        try {
            return house.now(job) == null;
        } catch (FlowError gone) {
            return true;
        }
    }
}
