package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** As one machine has it: SQLite and a folder. */
final class DiskJobFilesTest extends JobFilesContract {
    @Override
    Database database(Path folder) {
        return Database.open(new DatabaseConfig.Embedded(folder.resolve("data")), Clock.systemUTC());
    }

    @Override
    BlobStore blobs(Path folder) throws IOException {
        return new DiskBlobs(folder.resolve("blobs"));
    }
}
