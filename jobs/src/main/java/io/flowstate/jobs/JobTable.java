package io.flowstate.jobs;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Request;
import io.flowstate.core.routing.Policy;
import io.flowstate.storage.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rows of jobs as they are entered and read; how they change is in {@link JobStates}. All methods run in the caller's transaction. */
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

    /** Gives the job as it was entered. */
    static Job insert(Tx tx, New job) {
        Submission submission = job.submission();
        Request request = submission.request();
        Policy policy = submission.policy();
        Submission.@Nullable Sent sent = submission.source() instanceof Submission.Sent file ? file : null;
        Job entered = tx.sql()
                .createQuery("""
                        insert into job (id, owner, task, status, priority, request, policy, plan,
                            input_name, input_blob, input_url, input_bytes, input_sha256,
                            input_millis, input_rate_hz, input_channels, input_container, input_codec,
                            webhook_url, webhook_events, created_at, deadline_at, keep_input_millis, keep_output_millis)
                        values (:id, :owner, :task, 'queued', :priority, :request, :policy, :plan,
                            :input_name, :input_blob, :input_url, :input_bytes, :input_sha256,
                            :input_millis, :input_rate_hz, :input_channels, :input_container, :input_codec,
                            :webhook_url, :webhook_events, :now, :deadline, :keep_input, :keep_output)
                        returning *, cast(:tags as text) as tags""")
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
                .bind("tags", submission.tags().isEmpty() ? null : JobRow.join(submission.tags()))
                .map(new JobRow())
                .one();
        for (String tag : submission.tags()) {
            tx.sql().execute("insert into job_tag (job_id, tag) values (?, ?)", job.id(), tag);
        }
        return entered;
    }

    static Optional<Job> find(Handle sql, String id) {
        return sql.createQuery("select " + JobRow.COLUMNS + " from job where id = :id")
                .bind("id", id)
                .map(new JobRow())
                .findOne();
    }

    /** Jobs that wait in vain: their deadline has passed. */
    static List<String> late(Handle sql, Instant now) {
        return sql.createQuery("select id from job where status = 'queued' and deadline_at < :now limit 100")
                .bind("now", now.toEpochMilli())
                .mapTo(String.class)
                .list();
    }

    /**
     * A page of somebody's jobs, the newest first. However many there are, only those of the page are looked at, and those between them that a task leaves out: time is a range
     * of ids, a tag has its jobs in their order, and so has each status, of which several give a page each that are then merged.
     *
     * @param before only jobs with a smaller id; empty for the first page
     */
    static List<Job> list(Handle sql, String owner, JobFilter filter, Optional<String> before, int atMost) {
        boolean tagged = filter.tag().isPresent();
        String id = tagged ? "job_tag.job_id" : "job.id";
        // A cross join, which SQLite carries out in the order in which it is written.
        String from = tagged ? "job_tag cross join job" : "job";
        StringBuilder where = new StringBuilder("owner = :owner");
        filter.task().ifPresent(_ -> where.append(" and task = :task"));
        filter.tag().ifPresent(_ -> where.append(" and job_tag.tag = :tag and job.id = job_tag.job_id"));
        filter.since().ifPresent(_ -> where.append(" and %s >= :since".formatted(id)));
        filter.until().ifPresent(_ -> where.append(" and %s < :until".formatted(id)));
        before.ifPresent(_ -> where.append(" and %s < :before".formatted(id)));
        String each = "select %s from %s where %s%%s order by %s desc limit :limit"
                .formatted(JobRow.COLUMNS, from, where, id);
        String query = filter.statuses().isEmpty()
                ? each.formatted("")
                : filter.statuses().stream()
                        .map(status -> "select * from (%s) as page"
                                .formatted(each.formatted(" and status = '%s'".formatted(status.id()))))
                        .sorted()
                        .collect(Collectors.joining(" union all ", "", " order by id desc limit :limit"));
        return sql.createQuery(query)
                .bind("owner", owner)
                .bind("task", filter.task().orElse(null))
                .bind("tag", filter.tag().orElse(null))
                .bind("since", filter.since().map(at -> Ids.first("job", at)).orElse(null))
                .bind("until", filter.until().map(at -> Ids.first("job", at)).orElse(null))
                .bind("before", before.orElse(null))
                .bind("limit", atMost)
                .map(new JobRow())
                .list();
    }
}
