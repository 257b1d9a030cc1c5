package io.flowstate.jobs;

import io.flowstate.storage.Database;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class PostgresSmallInputsTest extends SmallInputsContract {
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
    Database open(Path folder) {
        return postgres.database();
    }
}
