package io.flowstate.storage;

import com.zaxxer.hikari.HikariDataSource;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * SQLite: one connection that writes, a few that read beside it (write-ahead log), and nobody else: the folder is locked. A commit is on the disk when it returns.
 * SQLite's own code runs on as many platform threads as there are connections, since it would hold on to the carriers of virtual ones; those that want to write stand in
 * line for the one thread that does, and are in nobody's way who reads.
 */
final class SqliteLink implements Link {
    private static final int READERS = 4;
    private static final String BUSY_MILLIS = "10000";

    private final FileChannel lock;
    private final HikariDataSource reader;
    private final HikariDataSource writer;
    private final ExecutorService readers = threads("sqlite-reader-", READERS);
    private final Jdbi reading;
    private final WriteLine line;
    private final Signals signals = new Signals();
    private final SteadyClock clock;

    private SqliteLink(Path file, FileChannel lock, Clock machine) {
        this.lock = lock;
        this.clock = new SteadyClock(machine, System::nanoTime);
        this.writer = pool(file, "sqlite-writer", 1);
        this.reader = pool(file, "sqlite-reader", READERS);
        this.reading = Jdbi.create(reader);
        this.line = new WriteLine(Jdbi.create(writer));
    }

    private static ExecutorService threads(String name, int count) {
        return Executors.newFixedThreadPool(
                count, Thread.ofPlatform().daemon().name(name, 1).factory());
    }

    static SqliteLink open(DatabaseConfig.Embedded config, Clock machine) {
        @Nullable FileChannel lock = null;
        try {
            Files.createDirectories(
                    config.folder(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            lock = FileChannel.open(
                    config.folder().resolve(EmbeddedFolder.LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isTaken(lock)) {
                lock.close();
                throw FlowError.of(Code.BAD_CONFIG, "Another process uses the data folder %s.", config.folder())
                        .field("data.folder")
                        .advice("Stop it, name another folder, or let several share a PostgreSQL (database.url).");
            }
            return new SqliteLink(config.folder().resolve(EmbeddedFolder.DATABASE), lock, machine);
        } catch (IOException refused) {
            throw FlowError.of(
                            Code.BAD_CONFIG,
                            "The data folder %s cannot be used: %s.",
                            config.folder(),
                            Reason.of(refused))
                    .field("data.folder")
                    .advice("Name a folder that can be written to.")
                    .causedBy(refused);
        }
    }

    private static boolean isTaken(FileChannel lock) throws IOException {
        try {
            return lock.tryLock() == null;
        } catch (OverlappingFileLockException ours) {
            return true;
        }
    }

    private static HikariDataSource pool(Path file, String name, int connections) {
        HikariDataSource pool = Database.pool(name, connections);
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", BUSY_MILLIS);
        properties.setProperty("foreign_keys", "true");
        properties.setProperty("transaction_mode", "IMMEDIATE");
        pool.setDataSource(new KeepingSource("jdbc:sqlite:" + file, properties));
        return pool;
    }

    @Override
    public Dialect dialect() {
        return Dialect.SQLITE;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Signals signals() {
        return signals;
    }

    @Override
    public Duration inTouch() {
        return Touch.ALWAYS;
    }

    @Override
    public DataSource source() {
        return writer;
    }

    @Override
    public <T> T read(Function<Handle, T> work) throws Exception {
        return await(readers.submit(() -> reading.withHandle(work::apply)));
    }

    /** What is signalled is told on the caller's thread, so that listeners are in nobody's way who writes. */
    @Override
    public <T> T write(Function<Tx, T> work) throws Exception {
        Set<String> topics = new LinkedHashSet<>();
        T result = await(line.join(tx -> {
            T done = work.apply(tx);
            topics.addAll(tx.topics());
            return done;
        }));
        topics.forEach(signals::tell);
        return result;
    }

    /** Waits for the end whatever happens: what has begun to be written must not go on unseen. */
    private static <T> T await(Future<T> outcome) throws Exception {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return outcome.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case Error fault -> throw fault;
                case Exception cause -> throw cause;
                case null, default -> throw failed;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        line.close();
        readers.close();
        reader.close();
        writer.close();
        try {
            lock.close();
        } catch (IOException stuck) {
            throw new IllegalStateException("the data folder's lock cannot be let go", stuck);
        }
    }
}
