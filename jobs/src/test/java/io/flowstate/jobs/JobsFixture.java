package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A house of jobs on a database and a store that are anybody's to choose. */
abstract class JobsFixture {
    @TempDir
    Path folder;

    House house;

    abstract Database database(Path folder);

    /** A folder, unless it is to be another store. */
    BlobStore blobs(Path folder) throws IOException {
        return new DiskBlobs(folder.resolve("blobs"));
    }

    @BeforeEach
    void open() throws IOException {
        house = new House(database(folder), folder, blobs(folder));
    }

    @AfterEach
    void close() {
        house.close();
    }
}
