package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Signals;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals are told on the thread of whoever has committed: here of the worker, which has begun a job and not gone on yet. */
final class CancelJustBegunTest {
    @TempDir
    Path folder;

    @Test
    void canceling_reaches_a_run_that_has_only_just_begun() throws IOException {
        try (House house = new House(Databases.sqlite(folder), folder)) {
            house.local.next(Script.start().openAll().await(new Gate()));
            Job job = house.submit();
            AtomicBoolean canceled = new AtomicBoolean();
            try (Signals.Subscription _ = house.database.signals().listen(topic -> {
                boolean begun = topic.equals(JobTable.topic(job.id()))
                        && house.jobs.find(House.OWNER, job.id()).status() == Job.Status.RUNNING;
                if (begun && !canceled.getAndSet(true)) {
                    house.jobs.cancel(House.OWNER, job.id());
                }
            })) {
                house.worker(1);

                assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.CANCELED);
            }
        }
    }
}
