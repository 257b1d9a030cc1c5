package io.flowstate.storage;

import com.zaxxer.hikari.HikariDataSource;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database, migrated and ready. Thread-safe; calls block, and may come from virtual threads.
 *
 * <p>There are two kinds, and whoever writes statements need not know which: SQLite, of which this process is the only user, and PostgreSQL, which many share.
 */
public final class Database implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final int MOST_COLLISIONS = 5;
    /** At most so long after the first collision, and twice as long after each further one. */
    private static final long PAUSE_NANOS = 10_000_000;

    private final Link link;

    private Database(Link link) {
        this.link = link;
    }

    /**
     * Opens the database and brings its tables up to date; several processes may do so at once.
     *
     * @param clock the machine's, by which SQLite's times are; PostgreSQL's are by its own clock
     * @throws FlowError {@code BAD_CONFIG} if it cannot be reached or used, or another process has the folder
     */
    public static Database open(DatabaseConfig config, Clock clock) {
        Link link = switch (config) {
            case DatabaseConfig.Embedded embedded -> SqliteLink.open(embedded, clock);
            case DatabaseConfig.Postgres postgres -> PostgresLink.open(postgres);
        };
        try {
            migrate(link);
            return new Database(link);
        } catch (FlywayException failed) {
            link.close();
            throw FlowError.of(
                            Code.BAD_CONFIG,
                            "The database's tables cannot be brought up to date: %s",
                            String.valueOf(failed.getMessage()).strip())
                    .field("database.url")
                    .advice(
                            "Give the user the right to create tables, and use the version of FlowState that made them, or a newer one.")
                    .causedBy(failed);
        }
    }

    private static void migrate(Link link) {
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(link.source())
                .locations("classpath:io/flowstate/storage/migrations")
                .placeholders(link.dialect().types())
                .table("schema_version")
                .load()
                .migrate();
    }

    public Dialect dialect() {
        return link.dialect();
    }

    /** The time that all rows are dated by. It does not go back, unless the clock of a PostgreSQL that several share is put back. */
    public Clock clock() {
        return link.clock();
    }

    public Signals signals() {
        return link.signals();
    }

    /**
     * For how long the database has been heard without a break; very long if there was none. Whoever takes others for dead because nothing is heard of them must know that it
     * was not deaf itself, or that all were.
     */
    public Duration inTouch() {
        return link.inTouch();
    }

    /** For a library that brings its own statements. */
    public DataSource source() {
        return link.source();
    }

    /** Runs statements that change nothing. */
    public <T> T read(Function<Handle, T> work) {
        return guarded(() -> link.read(work));
    }

    /**
     * Runs statements in one transaction. What it signals is told when it has been committed.
     *
     * @param work runs again if the database gave the transaction up in favour of another
     */
    public <T> T write(Function<Tx, T> work) {
        for (int collisions = 0; ; collisions++) {
            try {
                return guarded(() -> link.write(work));
            } catch (RuntimeException failed) {
                if (!Trouble.isCollision(failed) || collisions == MOST_COLLISIONS) {
                    throw failed;
                }
                log.debug("a transaction was given up in favour of another; it is run again", failed);
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS << collisions));
            }
        }
    }

    /** The same for statements that give nothing. */
    public void change(Consumer<Tx> work) {
        boolean _ = write(tx -> {
            work.accept(tx);
            return true;
        });
    }

    private <T> T guarded(Callable<T> work) {
        try {
            return work.call();
        } catch (FlowError expected) {
            throw expected;
        } catch (RuntimeException failed) {
            throw Trouble.explain(failed);
        } catch (Exception unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    @Override
    public void close() {
        link.close();
    }

    static HikariDataSource pool(String name, int connections) {
        HikariDataSource pool = new HikariDataSource();
        pool.setPoolName(name);
        pool.setMaximumPoolSize(connections);
        return pool;
    }
}
