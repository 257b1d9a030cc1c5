package io.flowstate.jobs;

import java.nio.file.Path;

final class SqliteKilledNodesTest extends KilledNodesContract {
    @Override
    KillTrial trial(Path folder) {
        return KillTrial.onSqlite(folder, SEED);
    }
}
