package io.flowstate.jobs;

import io.flowstate.storage.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class PostgresUploadsTest extends UploadRetentionContract {
    private static TestPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = new TestPostgres();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    Database database(Path folder) {
        return postgres.database();
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
