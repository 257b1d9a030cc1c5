package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.Progress;
import io.flowstate.storage.Database;
import io.flowstate.storage.Signals;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes of which no word gets through. */
final class UnheardTest {
    @TempDir
    Path folder;

    @Test
    void a_run_that_was_not_told_to_stop_finds_out_when_it_notes_its_progress() throws IOException {
        Gate before = new Gate();
        try (House house = new House(Databases.sqlite(folder), folder)) {
            house.local.next(Script.start()
                    .openAll()
                    .await(before)
                    .report(new Progress(Progress.Phase.SEPARATING, 1, 2))
                    .await(new Gate()));
            Job job = house.submit();
            house.worker(1);
            before.awaitReached();

            house.database.change(tx -> tx.sql().execute("update job set cancel_requested_at = 1"));
            before.open();

            assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.CANCELED);
        }
    }

    @Test
    void whoever_waits_for_a_change_looks_for_it_now_and_then() throws Exception {
        try (House house = new House(Databases.sqlite(folder), folder);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Job job = house.submit();
            CountDownLatch asked = new CountDownLatch(1);
            Future<Job> later = threads.submit(() -> house.jobs.awaitChange(
                    House.OWNER, job.id(), job.revisions().last(), Duration.ofMinutes(1), () -> {
                        asked.countDown();
                        return false;
                    }));
            asked.await();

            house.database.change(tx -> tx.sql().execute("update job set revision = revision + 1"));

            assertThat(later.get(20, TimeUnit.SECONDS).revisions().last())
                    .isEqualTo(job.revisions().last() + 1);
        }
    }

    @Test
    void a_listener_notices_that_the_server_has_fallen_silent() throws Exception {
        try (TestPostgres server = new TestPostgres();
                Wire wire = new Wire(server.port());
                Database database = Databases.postgres(wire.over(server.address()))) {
            CountDownLatch missed = new CountDownLatch(1);
            try (Signals.Subscription _ = database.signals().listen(topic -> {
                if (topic.equals(Signals.ANYTHING)) {
                    missed.countDown();
                }
            })) {
                wire.hush();

                assertThat(missed.await(30, TimeUnit.SECONDS)).isTrue();
            }
        }
    }
}
