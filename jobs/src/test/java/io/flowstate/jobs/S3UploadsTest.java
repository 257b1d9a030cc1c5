package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As several machines have it: PostgreSQL, and an S3-compatible store. */
final class S3UploadsTest extends UploadRetentionContract {
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

    /** PostgreSQL's clock is its own; what moves is the rows. */
    @Override
    void passes(Duration time) {
        house.database.change(tx -> {
            tx.sql().execute("update upload set expires_at = expires_at - ?", time.toMillis());
            tx.sql().execute("update blob set created_at = created_at - ?", time.toMillis());
        });
        // The one before has already been past the time that these rows now have.
        sweeper = sweeper();
    }
}
