package io.flowstate.jobs;

import io.flowstate.storage.Database;
import java.nio.file.Path;

/** As one machine has it: SQLite and a folder. */
final class DiskJobCheckpointsTest extends JobCheckpointsContract {
    @Override
    Database database(Path folder) {
        return Databases.sqlite(folder);
    }
}
