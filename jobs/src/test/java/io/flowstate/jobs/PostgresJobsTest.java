package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class PostgresJobsTest extends JobsContract {
    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    /** A database of its own for each test. */
    @Override
    Database database(Path folder) {
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        return Database.open(
                new DatabaseConfig.Postgres(
                        "postgresql://127.0.0.1:%d/%s".formatted(postgres.getPort(), name),
                        Optional.of("postgres"),
                        Optional.empty(),
                        8),
                Clock.systemUTC());
    }
}
