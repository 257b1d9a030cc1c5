package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Database;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;

final class SqliteJobsTest extends JobsContract {
    @Override
    Database database(Path folder) {
        Database database = Databases.sqlite(folder);
        StateChanges.watch(database);
        return database;
    }

    @AfterEach
    void no_job_changed_its_state_in_a_way_that_the_guide_does_not_show() throws IOException {
        assertThat(StateChanges.inTheTable()).containsAll(StateChanges.seen(house.database));
    }
}
