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

    int port() {
        return server.getPort();
    }

    /** The address of a new database. */
    String address() {
        return address(port());
    }

    /** The same by another way. */
    private String address(int port) {
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        return "postgresql://127.0.0.1:%d/%s".formatted(port, name);
    }

    /** A database of its own for each test. */
    Database database() {
        return database(port());
    }

    /** The same by another way. */
    Database database(int port) {
        return Database.open(
                new DatabaseConfig.Postgres(address(port), Optional.of("postgres"), Optional.empty(), 8),
                Clock.systemUTC());
    }

    /** The address of a new database whose clock can be put forward and back: its own function stands before the server's. */
    String addressWithMovableClock() {
        String address = address();
        String name = address.substring(address.lastIndexOf('/') + 1);
        try (Connection connection = server.getDatabase("postgres", name).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema clock");
            statement.execute("create table clock.ahead (hours integer not null)");
            statement.execute("insert into clock.ahead values (0)");
            statement.execute("""
                    create function clock.clock_timestamp() returns timestamp with time zone language sql volatile as
                    $$ select pg_catalog.clock_timestamp() + hours * interval '1 hour' from clock.ahead $$""");
            statement.execute("alter database %s set search_path = public, clock, pg_catalog".formatted(name));
            return address;
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    static void moveClock(Database database, long hours) {
        database.change(tx -> tx.sql().execute("update clock.ahead set hours = hours + ?", hours));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
