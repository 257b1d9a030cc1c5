package io.flowstate.jobs;

import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/** A PostgreSQL of its own for a class of tests. */
final class TestPostgres implements AutoCloseable {
    private final EmbeddedPostgres server;

    TestPostgres() throws IOException {
        this.server = EmbeddedPostgres.start();
    }

    /** The address of a new database. */
    String address() {
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        return "postgresql://127.0.0.1:%d/%s".formatted(server.getPort(), name);
    }

    /** A database of its own for each test. */
    Database database() {
        return Database.open(
                new DatabaseConfig.Postgres(address(), Optional.of("postgres"), Optional.empty(), 8),
                Clock.systemUTC());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
