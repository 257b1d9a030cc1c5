package io.flowstate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.event.AbstractSchedulerListener;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;

/**
 * The least that a program can do with db-scheduler, which runs our jobs as well: executions without data are scheduled, each in a transaction of its own, picked up,
 * executed, which is nothing, and removed. The table is the one of its documentation, the settings are its fastest for the database: on PostgreSQL it locks and fetches in
 * one statement, and on SQLite, where it knows only this way, it fetches a batch and marks each execution before it runs it.
 */
final class PlainJobs {
    private static final String TABLE = """
            create table scheduled_tasks (
                task_name text not null, task_instance text not null, task_data %s, execution_time %s not null,
                picked boolean not null, picked_by text, last_success %2$s, last_failure %2$s,
                consecutive_failures integer, last_heartbeat %2$s, version bigint not null, priority smallint,
                primary key (task_name, task_instance))""";

    private PlainJobs() {}

    /** @param arguments a folder for SQLite, or a PostgreSQL's address */
    public static void main(String[] arguments) throws IOException {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        boolean postgres = arguments[0].startsWith("postgresql:");
        try (HikariDataSource source = postgres ? postgres(arguments[0]) : sqlite(Path.of(arguments[0]))) {
            createTable(source, postgres);
            AtomicLong done = new AtomicLong();
            OneTimeTask<Void> nothing = Tasks.oneTime("nothing").execute((_, _) -> {});
            SchedulerBuilder builder = Scheduler.create(source, nothing)
                    .threads(NoOpHouse.CONCURRENCY)
                    .pollingInterval(Duration.ofSeconds(1))
                    .enableImmediateExecution()
                    .addSchedulerListener(new AbstractSchedulerListener() {
                        @Override
                        public void onExecutionComplete(ExecutionComplete complete) {
                            done.incrementAndGet();
                        }
                    });
            if (postgres) {
                builder.pollUsingLockAndFetch(0.5, 1.0);
            }
            Scheduler scheduler = builder.build();
            scheduler.start();
            Laps.serve(count -> {
                long end = done.get() + count;
                Laps.share(
                        count,
                        OurJobs.THREADS,
                        _ -> scheduler.schedule(
                                nothing.instance(UUID.randomUUID().toString()), Instant.now()));
                while (done.get() < end) {
                    Laps.rest(2);
                }
            });
            scheduler.stop();
        }
    }

    private static HikariDataSource postgres(String address) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:" + address);
        pool.setUsername("postgres");
        pool.setMaximumPoolSize(NoOpHouse.CONCURRENCY);
        return pool;
    }

    /** As FlowState's own: one connection that writes, a log that is written ahead, and a commit that is on the disk when it returns. */
    private static HikariDataSource sqlite(Path folder) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:sqlite:" + folder.resolve("plain.db"));
        pool.setMaximumPoolSize(1);
        pool.addDataSourceProperty("journal_mode", "WAL");
        pool.addDataSourceProperty("synchronous", "FULL");
        pool.addDataSourceProperty("transaction_mode", "IMMEDIATE");
        return pool;
    }

    private static void createTable(DataSource source, boolean postgres) throws IOException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    postgres
                            ? TABLE.formatted("bytea", "timestamp with time zone")
                            : TABLE.formatted("blob", "integer"));
            statement.execute("create index execution_time_idx on scheduled_tasks (execution_time)");
            statement.execute("create index last_heartbeat_idx on scheduled_tasks (last_heartbeat)");
        } catch (SQLException failed) {
            throw new IOException(failed);
        }
    }
}
