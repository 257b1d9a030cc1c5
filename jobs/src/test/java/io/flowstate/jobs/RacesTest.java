package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Things that happen to one job at the same time. */
final class RacesTest {
    private static final int RACES = 100;
    private static final long SEED = 42;

    @TempDir(factory = FolderInMemory.class)
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_job_that_is_canceled_as_it_ends_is_either_done_or_canceled(boolean postgres) throws IOException {
        CancelRaceTrial.Outcome outcome = CancelRaceTrial.run(folder, postgres, RACES, SEED);

        assertThat(outcome.illegal()).as("seed %d", SEED).isEmpty();
        assertThat(outcome.succeeded() + outcome.canceled()).isEqualTo(RACES);
        assertThat(outcome.succeeded()).as("or it was no race").isPositive();
        assertThat(outcome.canceled()).as("or it was no race").isPositive();
    }

    @Test
    void nodes_that_look_at_the_queue_at_once_do_not_take_the_same_job() throws IOException {
        try (TestPostgres server = new TestPostgres()) {
            Optional<String> address = Optional.of(server.address());
            try (House one = new House(Databases.open(folder, address), folder);
                    House other = new House(Databases.open(folder, address), folder)) {
                Transitions.watch(one.database);
                List<Job> jobs = new ArrayList<>();
                for (int i = 0; i < RACES; i++) {
                    jobs.add(one.submit());
                }
                one.worker("one", 4, one.local);
                other.worker("other", 4, other.local);
                one.awaitQuiet();

                assertThat(jobs).map(one::now).allSatisfy(done -> {
                    assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
                    assertThat(done.attempt()).isEqualTo(1);
                });
                assertThat(one.local.seen().size() + other.local.seen().size()).isEqualTo(RACES);
                assertThat(one.local.seen()).isNotEmpty();
                assertThat(other.local.seen()).isNotEmpty();
            }
        }
    }
}
