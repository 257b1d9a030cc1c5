package io.flowstate.bench;

import io.flowstate.storage.DatabaseConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A PostgreSQL in a folder, whose commits are on the disk when they return, as in a server that is used in earnest. */
final class BenchPostgres implements AutoCloseable {
    private static final int CONNECTIONS = 8;
    private static final String USER = "postgres";
    /** Of the fields after the command in {@code /proc/PID/stat}: user and system time, the process's own and that of children that have ended. */
    private static final int OWN_TIME = 11;

    private static final int ENDED_TIME = 13;
    private static final long MILLIS_PER_TICK = 10;

    private final EmbeddedPostgres server;
    private final ProcessHandle postmaster;
    private int databases;

    BenchPostgres(Path folder) throws IOException {
        // The library that starts it turns synchronous_commit off, being made for tests.
        server = EmbeddedPostgres.builder()
                .setDataDirectory(folder)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "512MB")
                .setServerConfig("max_wal_size", "4GB")
                .start();
        long pid = Long.parseLong(
                Files.readAllLines(folder.resolve("postmaster.pid")).getFirst().strip());
        postmaster = ProcessHandle.of(pid).orElseThrow();
    }

    /** The address of a new, empty database. */
    String address() {
        String name = "bench" + databases++;
        run("create database " + name);
        return "postgresql://127.0.0.1:%d/%s".formatted(server.getPort(), name);
    }

    static DatabaseConfig config(String address) {
        return new DatabaseConfig.Postgres(address, Optional.of(USER), Optional.empty(), CONNECTIONS);
    }

    /** How safe a commit is, in PostgreSQL's own words. */
    String durability() {
        return Stream.of("server_version", "fsync", "synchronous_commit", "full_page_writes")
                .map(setting -> setting + "=" + ask("show " + setting))
                .reduce((a, b) -> a + " " + b)
                .orElseThrow();
    }

    /** Processor time of all its processes so far, those that have ended included, in steps of 10 ms. */
    Duration cpu() throws IOException {
        long ticks = ticks(postmaster.pid(), ENDED_TIME);
        for (ProcessHandle process :
                Stream.concat(Stream.of(postmaster), postmaster.children()).toList()) {
            ticks += ticks(process.pid(), OWN_TIME);
        }
        return Duration.ofMillis(ticks * MILLIS_PER_TICK);
    }

    private static long ticks(long pid, int from) throws IOException {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc/%d/stat".formatted(pid)));
        } catch (IOException ended) {
            return 0;
        }
        List<String> fields =
                List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1));
        return LongStream.of(Long.parseLong(fields.get(from)), Long.parseLong(fields.get(from + 1)))
                .sum();
    }

    private void run(String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private String ask(String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(sql)) {
            answer.next();
            return answer.getString(1);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException stuck) {
            throw new IllegalStateException(stuck);
        }
    }
}
