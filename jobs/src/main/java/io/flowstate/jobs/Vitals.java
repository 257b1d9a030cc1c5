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
 * @param oldest how long the one that has been due for longest is waiting; zero if none is due
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
                due(sql).map(since -> Duration.between(since, now))
                        .filter(Duration::isPositive)
                        .orElse(Duration.ZERO),
                count(sql, "select count(*) from scheduled_webhook"),
                count(sql, "select count(*) from webhook_delivery where status = 'dead'"),
                BlobTable.totalBytes(sql)));
    }

    /** Since when the first in time is due, which need not be the one whose turn it is. */
    private static Optional<Instant> due(Handle sql) {
        return sql.createQuery("select execution_time from scheduled_task where task_name = 'job' and not picked"
                        + " order by execution_time limit 1")
                .map((row, _) -> row.getTimestamp("execution_time").toInstant())
                .findOne();
    }

    private static long count(Handle sql, String query) {
        return sql.createQuery(query).mapTo(long.class).one();
    }
}
