package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As several machines have it: PostgreSQL, and an S3-compatible store. */
final class S3JobsAtTheDoorTest extends JobsAtTheDoorContract {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    @RegisterExtension
    static final TestS3 store = new TestS3();

    @Override
    Database database(Path folder) {
        return Databases.postgres(postgres.address());
    }

    @Override
    BlobStore blobs(Path folder) {
        return store.blobs();
    }
}
