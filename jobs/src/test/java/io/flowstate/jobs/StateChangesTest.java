package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.routing.Policy;
import io.flowstate.storage.Database;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's table and picture of states, held against jobs that go through all of them. {@link SqliteJobsTest} looks for changes that they lack. */
final class StateChangesTest {
    @TempDir
    private Path folder;

    @Test
    void the_table_and_the_picture_show_what_jobs_go_through() throws IOException {
        Database database = Databases.sqlite(folder);
        StateChanges.watch(database);
        try (House house = new House(database, folder)) {
            late(house);
            Job dropped = house.submit();
            house.jobs.cancel(House.OWNER, dropped.id());
            house.jobs.retry(House.OWNER, dropped.id());
            Job putOff = house.submit();
            Gate never = new Gate();
            house.local.next(Script.start().fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.")));
            house.local.next(Script.start().openAll().await(never));
            house.local.next(
                    Script.start().fail(FlowError.of(Code.QUEUE_FULL, "Full.").retryAfter(Duration.ofMillis(1))));
            house.worker(1);
            never.awaitReached();
            house.jobs.cancel(House.OWNER, dropped.id());
            house.awaitEnd(putOff);

            assertThat(StateChanges.seen(database))
                    .isEqualTo(StateChanges.inTheTable())
                    .isEqualTo(StateChanges.inThePicture())
                    .hasSize(9);
        }
    }

    /** Fails in the queue, and is queued again. */
    private static void late(House house) {
        Policy soon = new Policy(
                Policy.Priority.REALTIME, Optional.empty(), Optional.of(Duration.ofSeconds(2)), Set.of(), false, false);
        Job late = house.jobs.submit(house.submission(House.OWNER, soon));
        awaitThat(() -> {
            Jobs.endLate(house.database);
            return house.now(late).status() == Job.Status.FAILED;
        });
        house.jobs.retry(House.OWNER, late.id());
    }
}
