package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import java.nio.file.Path;
import java.time.Clock;

final class SqliteSmallInputsTest extends SmallInputsContract {
    @Override
    Database open(Path folder) {
        return Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), Clock.systemUTC());
    }
}
