package io.flowstate.jobs;

import io.flowstate.storage.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * How the house stands, the same from every node.
 *
 * @param queued jobs that wait
 * @param running jobs that a node has
 * @param oldest how long ago the first of those that wait was handed in; zero if none waits
 * @param webhooks messages about jobs that are yet to be delivered
 * @param dead messages that were given up
 * @param bytes of all inputs, outputs and uploads
 */
public record Vitals(long queued, long running, Duration oldest, long webhooks, long dead, long bytes) {
    /** Looks at the queues, which are as long as what waits, and not at the jobs that are over. Blocks. */
    public static Vitals read(Database database) {
        Instant now = database.clock().instant();
        return database.read(sql -> new Vitals(
                count(sql, "select count(*) from scheduled_task where task_name = 'job' and not picked"),
                count(sql, "select count(*) from scheduled_task where task_name = 'job' and picked"),
                oldest(sql)
                        .map(since -> Duration.between(since, now))
                        .filter(Duration::isPositive)
                        .orElse(Duration.ZERO),
                count(sql, "select count(*) from scheduled_webhook"),
                count(sql, "select count(*) from webhook_delivery where status = 'dead'"),
                BlobTable.totalBytes(sql)));
    }

    /** When the first of those that wait was handed in, which need not be the one whose turn it is: ids are in the order of time. */
    private static Optional<Instant> oldest(Handle sql) {
        return sql.createQuery("""
                        select created_at from job where id = (
                            select min(task_instance) from scheduled_task where task_name = 'job' and not picked)""").mapTo(long.class).findOne().map(Instant::ofEpochMilli);
    }

    private static long count(Handle sql, String query) {
        return sql.createQuery(query).mapTo(long.class).one();
    }
}
