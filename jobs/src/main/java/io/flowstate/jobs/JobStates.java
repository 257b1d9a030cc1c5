package io.flowstate.jobs;

import io.flowstate.core.FlowError;
import io.flowstate.storage.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * How jobs change. Every statement that changes a running job names the attempt that it was written for and changes nothing when there is a newer one: a node that was only
 * slow cannot overwrite its successor. All methods run in the caller's transaction.
 *
 * <p>A transaction that changes a job and what hangs on it changes the job first. So two that are about the same job come one after the other; in another order each could
 * hold what the other waits for.
 */
final class JobStates {
    private JobStates() {}

    /**
     * A job whose next attempt has just begun.
     *
     * @param policy that was submitted with it
     * @param checkpoint what earlier attempts left
     * @param input its bytes, if they are not in the store
     * @param losses how often it was lost with its node
     */
    record Begun(Job job, String policy, Optional<String> checkpoint, Optional<byte[]> input, int losses) {
        private static final String COLUMNS = JobRow.COLUMNS + ", " + BlobTable.INPUT_IN_ROW;
        private static final JobRow ROWS = new JobRow();

        private static Begun map(ResultSet row, StatementContext context) throws SQLException {
            return new Begun(
                    ROWS.map(row, context),
                    row.getString("policy"),
                    JobRow.text(row, "checkpoint"),
                    Optional.ofNullable(row.getBytes("input_content")),
                    row.getInt("losses"));
        }
    }

    /**
     * Begins the next attempt, where its lane says that it is to run; from now on no other one's changes count.
     *
     * @param place as it was claimed; one claim begins one attempt
     * @return empty if the job is over or gone, or was begun under this claim before, or its place is somebody else's by now
     */
    static Optional<Begun> begin(Tx tx, Schedule.Place place, String node, Instant now) {
        String id = place.id();
        Optional<Begun> begun = tx.sql()
                .createQuery("""
                        update job set
                            losses = losses + case when status = 'running' then 1 else 0 end,
                            status = 'running', attempt = attempt + 1, node = :node, place = :version,
                            deployment = (
                                select lane from scheduled_task where task_name = 'job' and task_instance = :id),
                            started_at = coalesce(started_at, :now), phase = null, fraction = 0,
                            revision = revision + 1, status_revision = revision + 1
                        where id = :id and status in ('queued', 'running') and place < :version
                            and exists (
                                select 1 from scheduled_task
                                where task_name = 'job' and task_instance = :id and version = :version)
                        returning\s""" + Begun.COLUMNS)
                .bind("id", id)
                .bind("version", place.version())
                .bind("node", node)
                .bind("now", now.toEpochMilli())
                .map(Begun::map)
                .findOne();
        tx.signal(JobTable.topic(id));
        return begun;
    }

    /** The job if it was begun under this claim and still runs: the answer to {@link #begin} may have been lost after the commit. */
    static Optional<Begun> begun(Tx tx, Schedule.Place place) {
        return tx.sql()
                .createQuery("select " + Begun.COLUMNS
                        + " from job where id = :id and place = :version and status = 'running'")
                .bind("id", place.id())
                .bind("version", place.version())
                .map(Begun::map)
                .findOne();
    }

    /** Gives the new revision; empty if the attempt is no longer the job's. */
    static Optional<Long> touch(Tx tx, String id, int attempt) {
        Optional<Long> revision = tx.sql()
                .createQuery("""
                        update job set revision = revision + 1
                        where id = :id and attempt = :attempt and status = 'running' returning revision""")
                .bind("id", id)
                .bind("attempt", attempt)
                .mapTo(long.class)
                .findOne();
        tx.signal(JobTable.topic(id));
        return revision;
    }

    /** Notes what runs the job; nothing happens if the attempt is no longer its own. */
    static void place(Tx tx, String id, int attempt, String deployment) {
        tx.sql()
                .execute(
                        "update job set deployment = ?, revision = revision + 1 where id = ? and attempt = ? and status = 'running'",
                        deployment,
                        id,
                        attempt);
        tx.signal(JobTable.topic(id));
    }

    /** What an attempt learns when it notes how far it is. */
    enum Advanced {
        NOTED,
        /** Noted, and somebody asks to cancel the job. */
        TO_CANCEL,
        /** Not noted: the attempt is no longer the job's. */
        LOST
    }

    /** Notes how far an attempt is. */
    static Advanced advance(Tx tx, String id, int attempt, String phase, double fraction) {
        Optional<Advanced> noted = tx.sql()
                .createQuery("""
                        update job set phase = :phase, fraction = :fraction,
                            revision = revision + 1, progress_revision = revision + 1
                        where id = :id and attempt = :attempt and status = 'running'
                        returning cancel_requested_at is not null as asked""")
                .bind("id", id)
                .bind("attempt", attempt)
                .bind("phase", phase)
                .bind("fraction", fraction)
                .map((row, _) -> row.getBoolean("asked") ? Advanced.TO_CANCEL : Advanced.NOTED)
                .findOne();
        tx.signal(JobTable.topic(id));
        return noted.orElse(Advanced.LOST);
    }

    /** Keeps what an attempt leaves for the next; false if the attempt is no longer the job's. */
    static boolean checkpoint(Tx tx, String id, int attempt, String checkpoint) {
        return tx.sql()
                        .execute(
                                "update job set checkpoint = ? where id = ? and attempt = ? and status = 'running'",
                                checkpoint,
                                id,
                                attempt)
                == 1;
    }

    /** Notes the input that was fetched; false if the attempt is no longer the job's. */
    static boolean received(Tx tx, String id, int attempt, String blob, long bytes, String sha256) {
        return tx.sql()
                        .createUpdate("""
                                update job set input_blob = :blob, input_bytes = :bytes, input_sha256 = :sha256,
                                    revision = revision + 1
                                where id = :id and attempt = :attempt and status = 'running'""")
                        .bind("id", id)
                        .bind("attempt", attempt)
                        .bind("blob", blob)
                        .bind("bytes", bytes)
                        .bind("sha256", sha256)
                        .execute()
                == 1;
    }

    /** How an attempt ended for good. */
    record End(
            Job.Status status,
            String attempts,
            Optional<String> result,
            Optional<String> error,
            Optional<String> costUsd) {
        /** Without an attempt that could have told more. */
        static End of(Job.Status status, FlowError why) {
            return new End(
                    status, "[]", Optional.empty(), Optional.of(Documents.text(Documents.of(why))), Optional.empty());
        }
    }

    /**
     * Ends a running job, and with it its place in the queue and what it kept for a next attempt.
     *
     * @param kept whether there may be anything of that
     * @return a revision of its own for what is completed with it, just before that of the end, so that a listener who was cut off between the two is told of the end; empty
     *     if the attempt is no longer the job's
     */
    static Optional<Long> end(Tx tx, String id, int attempt, boolean kept, End end, Instant now) {
        Optional<Long> before = finish(tx, id, "attempt = :attempt and status = 'running'", attempt, end, now);
        if (before.isPresent()) {
            leave(tx, id, kept);
        }
        return before;
    }

    /** Ends a job that no node has, in the same way; false if it is not waiting. */
    static boolean endQueued(Tx tx, String id, End end, Instant now) {
        if (finish(tx, id, "status = 'queued'", -1, end, now).isEmpty()) {
            return false;
        }
        leave(tx, id, true);
        return true;
    }

    private static void leave(Tx tx, String id, boolean kept) {
        Schedule.remove(tx, id);
        if (kept) {
            BlobTable.doomCheckpoint(tx, id);
        }
    }

    private static Optional<Long> finish(Tx tx, String id, String fence, int attempt, End end, Instant now) {
        Optional<Long> before = tx.sql()
                .createQuery("""
                        update job set status = :status, attempts = :attempts, result = :result, error = :error,
                            cost_usd = :cost, node = null, finished_at = :now, expires_at = :now + keep_output_millis,
                            fraction = case when :status = 'succeeded' then 1 else fraction end, phase = null,
                            checkpoint = null, revision = revision + 2, status_revision = revision + 2
                        where id = :id and\s""" + fence + " returning revision - 1 as before")
                .bind("id", id)
                .bind("attempt", attempt)
                .bind("status", end.status().id())
                .bind("attempts", end.attempts())
                .bind("result", end.result().orElse(null))
                .bind("error", end.error().orElse(null))
                .bind("cost", end.costUsd().orElse(null))
                .bind("now", now.toEpochMilli())
                .mapTo(long.class)
                .findOne();
        tx.signal(JobTable.topic(id));
        return before;
    }

    /** Puts a running job back into the queue, for another attempt; false if the attempt is no longer its own. */
    static boolean giveBack(Tx tx, String id, int attempt) {
        int changed = tx.sql()
                .createUpdate("""
                        update job set status = 'queued', node = null, phase = null, fraction = 0,
                            revision = revision + 1, status_revision = revision + 1
                        where id = :id and attempt = :attempt and status = 'running'""")
                .bind("id", id)
                .bind("attempt", attempt)
                .execute();
        tx.signal(JobTable.topic(id));
        return changed == 1;
    }

    /** Asks whoever runs the job to cancel it; false if nobody does. */
    static boolean requestCancel(Tx tx, String id, Instant now) {
        int changed = tx.sql()
                .createUpdate("""
                        update job set cancel_requested_at = coalesce(cancel_requested_at, :now), revision = revision + 1
                        where id = :id and status = 'running'""")
                .bind("id", id)
                .bind("now", now.toEpochMilli())
                .execute();
        tx.signal(JobTable.topic(id));
        tx.signal(JobTable.cancelTopic(id));
        return changed == 1;
    }

    /** Queues a job again that failed or was canceled; false if it did not, or its input is gone. */
    static boolean revive(Tx tx, String id) {
        int changed = tx.sql().createUpdate("""
                        update job set status = 'queued', error = null, attempts = '[]', finished_at = null,
                            started_at = null, deadline_at = null, cancel_requested_at = null, expires_at = null,
                            fraction = 0, losses = 0, revision = revision + 1, status_revision = revision + 1
                        where id = :id and status in ('failed', 'canceled')
                            and (input_blob is not null or input_url is not null)""").bind("id", id).execute();
        tx.signal(JobTable.topic(id));
        return changed == 1;
    }
}
