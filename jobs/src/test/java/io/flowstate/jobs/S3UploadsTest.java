package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.blob.S3Blobs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** As several machines have it: PostgreSQL, and an S3-compatible store. */
final class S3UploadsTest extends UploadRetentionContract {
    private static TestPostgres postgres;
    private static TestS3 store;
    private @Nullable S3Blobs blobs;

    @BeforeAll
    static void start() throws Exception {
        postgres = new TestPostgres();
        store = new TestS3();
    }

    @AfterAll
    static void stop() throws IOException {
        store.close();
        postgres.close();
    }

    @Override
    Database database(Path folder) {
        return postgres.database();
    }

    @Override
    BlobStore blobs(Path folder) {
        S3Blobs opened = store.blobs();
        blobs = opened;
        return opened;
    }

    @AfterEach
    void closeStore() {
        if (blobs != null) {
            blobs.close();
        }
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
