package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nodes are killed in each state of a job: none is lost, none is finished twice, each gives what an undisturbed run gives, and nothing is left lying about. {@code bench/faults}
 * makes longer runs of it.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class KilledNodesContract {
    static final long SEED = 42;
    private static final Set<Moment> IN_AN_ATTEMPT = EnumSet.range(Moment.DECODING, Moment.ENDING);

    private KillTrial trial;

    abstract KillTrial trial(Path folder) throws IOException;

    @BeforeAll
    void open(@TempDir Path folder) throws IOException {
        trial = trial(folder);
    }

    @AfterAll
    void close() throws IOException {
        trial.close();
    }

    @ParameterizedTest
    @EnumSource
    void a_node_that_is_killed_leaves_its_job_to_others_as_it_was(Moment moment) throws Exception {
        check(moment, trial.kill(moment, 1));
    }

    static void check(Moment moment, Aftermath after) {
        assertThat(after.lost()).as("lost").isEmpty();
        assertThat(after.twice()).as("twice").isEmpty();
        assertThat(after.changed()).as("changed").isEmpty();
        assertThat(after.orphans()).as("orphans").isEmpty();
        if (moment != Moment.ACCEPTING) {
            assertThat(after.jobs()).isPositive();
        }
        if (IN_AN_ATTEMPT.contains(moment)) {
            assertThat(after.attempts()).as("one was begun again").isGreaterThan(after.jobs());
        }
    }
}
