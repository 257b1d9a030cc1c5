package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import java.nio.file.Path;
import java.time.Clock;

final class SqliteJobsTest extends JobsContract {
    @Override
    Database database(Path folder) {
        return Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), Clock.systemUTC());
    }
}
