package io.flowstate.jobs;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Request;
import io.flowstate.core.routing.Policy;
import io.flowstate.storage.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The rows of jobs. Every statement that changes a running job names the attempt that it was written for and changes nothing when there is a newer one: a node that was only
 * slow cannot overwrite its successor. All methods run in the caller's transaction.
 */
final class JobTable {
    private static final String TOPIC = "job/";
    private static final String CANCEL_TOPIC = "cancel/";

    private JobTable() {}

    /** What is said when a job has changed. */
    static String topic(String id) {
        return TOPIC + id;
    }

    /** What is said when a running job is to be canceled. */
    static String cancelTopic(String id) {
        return CANCEL_TOPIC + id;
    }

    /** A job that is about to be entered. */
    record New(
            String id,
            Submission submission,
            Optional<String> blob,
            Optional<AudioFacts> audio,
            String plan,
            Instant now,
            Duration keepInput,
            Duration keepOutput) {}

    static void insert(Tx tx, New job) {
        Submission submission = job.submission();
        Request request = submission.request();
        Policy policy = submission.policy();
        Submission.@Nullable Sent sent = submission.source() instanceof Submission.Sent file ? file : null;
        tx.sql()
                .createUpdate("""
                        insert into job (id, owner, task, status, priority, request, policy, plan,
                            input_name, input_blob, input_url, input_bytes, input_sha256,
                            input_millis, input_rate_hz, input_channels, input_container, input_codec,
                            webhook_url, webhook_events, created_at, deadline_at, keep_input_millis, keep_output_millis)
                        values (:id, :owner, :task, 'queued', :priority, :request, :policy, :plan,
                            :input_name, :input_blob, :input_url, :input_bytes, :input_sha256,
                            :input_millis, :input_rate_hz, :input_channels, :input_container, :input_codec,
                            :webhook_url, :webhook_events, :now, :deadline, :keep_input, :keep_output)""")
                .bind("id", job.id())
                .bind("owner", submission.owner())
                .bind("task", request.task().id())
                .bind("priority", policy.priority().id())
                .bind("request", Documents.text(Documents.of(request)))
                .bind("policy", Documents.text(Documents.of(policy)))
                .bind("plan", job.plan())
                .bind("input_name", submission.source().name())
                .bind("input_blob", job.blob().orElse(null))
                .bind(
                        "input_url",
                        submission.source() instanceof Submission.Remote remote
                                ? remote.url().toString()
                                : null)
                .bind("input_bytes", sent == null ? null : sent.bytes())
                .bind("input_sha256", sent == null ? null : sent.sha256())
                .bind(
                        "input_millis",
                        job.audio()
                                .flatMap(AudioFacts::duration)
                                .map(Duration::toMillis)
                                .orElse(null))
                .bind("input_rate_hz", job.audio().map(AudioFacts::sampleRateHz).orElse(null))
                .bind("input_channels", job.audio().map(AudioFacts::channels).orElse(null))
                .bind("input_container", job.audio().map(AudioFacts::container).orElse(null))
                .bind("input_codec", job.audio().map(AudioFacts::codec).orElse(null))
                .bind(
                        "webhook_url",
                        submission.webhook().map(hook -> hook.url().toString()).orElse(null))
                .bind(
                        "webhook_events",
                        submission
                                .webhook()
                                .map(hook -> String.join(",", hook.events()))
                                .orElse(null))
                .bind("now", job.now().toEpochMilli())
                .bind(
                        "deadline",
                        policy.deadline()
                                .map(limit -> job.now().plus(limit).toEpochMilli())
                                .orElse(null))
                .bind("keep_input", job.keepInput().toMillis())
                .bind("keep_output", job.keepOutput().toMillis())
                .execute();
        for (String tag : submission.tags()) {
            tx.sql().execute("insert into job_tag (job_id, tag) values (?, ?)", job.id(), tag);
        }
    }

    static Optional<Job> find(Handle sql, String id) {
        return sql.createQuery("select " + JobRow.COLUMNS + " from job where id = :id")
                .bind("id", id)
                .map(new JobRow())
                .findOne();
    }

    /** What was submitted, what earlier attempts left, and whether somebody asks to cancel, for whoever runs the job. */
    record Asked(String request, String policy, Optional<String> checkpoint, boolean toCancel) {}

    static Asked asked(Handle sql, String id) {
        return sql.createQuery("select request, policy, checkpoint, cancel_requested_at from job where id = :id")
                .bind("id", id)
                .map((row, _) -> new Asked(
                        row.getString("request"),
                        row.getString("policy"),
                        JobRow.text(row, "checkpoint"),
                        JobRow.time(row, "cancel_requested_at").isPresent()))
                .one();
    }

    /**
     * Begins the next attempt; from now on no other one's changes count.
     *
     * @return the attempt's number; empty if the job is over or gone
     */
    static Optional<Integer> begin(Tx tx, String id, String node, Instant now) {
        Optional<Integer> attempt = tx.sql()
                .createQuery("""
                        update job set
                            losses = losses + case when status = 'running' then 1 else 0 end,
                            status = 'running', attempt = attempt + 1, node = :node,
                            started_at = coalesce(started_at, :now), phase = null, fraction = 0,
                            revision = revision + 1, status_revision = revision + 1
                        where id = :id and status in ('queued', 'running')
                        returning attempt""")
                .bind("id", id)
                .bind("node", node)
                .bind("now", now.toEpochMilli())
                .mapTo(int.class)
                .findOne();
        tx.signal(topic(id));
        return attempt;
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

    /** How often the job was lost with its node. */
    static int losses(Handle sql, String id) {
        return sql.createQuery("select losses from job where id = :id")
                .bind("id", id)
                .mapTo(int.class)
                .one();
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
        tx.signal(topic(id));
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
        tx.signal(topic(id));
    }

    /** Notes how far an attempt is; false if it is no longer the job's. */
    static boolean advance(Tx tx, String id, int attempt, String phase, double fraction) {
        int changed = tx.sql()
                .createUpdate("""
                        update job set phase = :phase, fraction = :fraction,
                            revision = revision + 1, progress_revision = revision + 1
                        where id = :id and attempt = :attempt and status = 'running'""")
                .bind("id", id)
                .bind("attempt", attempt)
                .bind("phase", phase)
                .bind("fraction", fraction)
                .execute();
        tx.signal(topic(id));
        return changed == 1;
    }

    /** How an attempt ended for good. */
    record End(
            Job.Status status,
            String attempts,
            Optional<String> result,
            Optional<String> error,
            Optional<String> costUsd) {}

    /** Ends a running job; false if the attempt is no longer its own. */
    static boolean end(Tx tx, String id, int attempt, End end, Instant now) {
        return finish(tx, id, "attempt = :attempt and status = 'running'", attempt, end, now);
    }

    /** Ends a job that no node has; false if it is not waiting. */
    static boolean endQueued(Tx tx, String id, End end, Instant now) {
        return finish(tx, id, "status = 'queued'", -1, end, now);
    }

    private static boolean finish(Tx tx, String id, String fence, int attempt, End end, Instant now) {
        int changed = tx.sql()
                .createUpdate("""
                        update job set status = :status, attempts = :attempts, result = :result, error = :error,
                            cost_usd = :cost, node = null, finished_at = :now, expires_at = :now + keep_output_millis,
                            fraction = case when :status = 'succeeded' then 1 else fraction end, phase = null,
                            checkpoint = null, revision = revision + 1, status_revision = revision + 1
                        where id = :id and\s""" + fence)
                .bind("id", id)
                .bind("attempt", attempt)
                .bind("status", end.status().id())
                .bind("attempts", end.attempts())
                .bind("result", end.result().orElse(null))
                .bind("error", end.error().orElse(null))
                .bind("cost", end.costUsd().orElse(null))
                .bind("now", now.toEpochMilli())
                .execute();
        tx.signal(topic(id));
        return changed == 1;
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
        tx.signal(topic(id));
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
        tx.signal(topic(id));
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
        tx.signal(topic(id));
        tx.signal(cancelTopic(id));
        return changed == 1;
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

    /** Jobs that wait in vain: their deadline has passed. */
    static List<String> late(Handle sql, Instant now) {
        return sql.createQuery("select id from job where status = 'queued' and deadline_at < :now limit 100")
                .bind("now", now.toEpochMilli())
                .mapTo(String.class)
                .list();
    }

    /**
     * A page of somebody's jobs, the newest first.
     *
     * @param before only jobs with a smaller id; empty for the first page
     */
    static List<Job> list(Handle sql, String owner, JobFilter filter, Optional<String> before, int atMost) {
        StringBuilder where = new StringBuilder("owner = :owner");
        filter.status().ifPresent(_ -> where.append(" and status = :status"));
        filter.task().ifPresent(_ -> where.append(" and task = :task"));
        filter.tag()
                .ifPresent(_ -> where.append(
                        " and exists (select 1 from job_tag where job_tag.job_id = job.id and tag = :tag)"));
        filter.since().ifPresent(_ -> where.append(" and created_at >= :since"));
        filter.until().ifPresent(_ -> where.append(" and created_at < :until"));
        before.ifPresent(_ -> where.append(" and id < :before"));
        return sql.createQuery(
                        "select " + JobRow.COLUMNS + " from job where " + where + " order by id desc limit :limit")
                .bind("owner", owner)
                .bind("status", filter.status().map(Job.Status::id).orElse(null))
                .bind("task", filter.task().orElse(null))
                .bind("tag", filter.tag().orElse(null))
                .bind("since", filter.since().map(Instant::toEpochMilli).orElse(null))
                .bind("until", filter.until().map(Instant::toEpochMilli).orElse(null))
                .bind("before", before.orElse(null))
                .bind("limit", atMost)
                .map(new JobRow())
                .list();
    }
}
