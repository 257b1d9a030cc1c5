package io.flowstate.jobs;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Jobs as their owners deal with them: handed in, looked at, canceled, tried again, removed. Which node runs them, and when, is no concern of this class; see {@link Worker}.
 * Thread-safe; calls block.
 */
public final class Jobs implements AutoCloseable {
    private static final Duration GLANCE = Duration.ofSeconds(1);
    /** After how many the database is asked although nothing was heard: it may be that nothing can be heard. */
    private static final int GLANCES = 5;

    private final Database database;
    private final BlobStore blobs;
    private final Intake intake;
    private final Changes changes;
    private final Doomed doomed;

    /** @param random names jobs; nobody should be able to guess what it gives next */
    public Jobs(Database database, BlobStore blobs, Gateway gateway, JobsConfig config, RandomGenerator random) {
        this.database = database;
        this.blobs = blobs;
        this.intake = new Intake(database, blobs, gateway, config, new Ids(database.clock(), random));
        this.changes = new Changes(database.signals());
        this.doomed = new Doomed(database, blobs);
    }

    /**
     * Takes a job in. When this returns, it is on the disk or in the store, with its input, and will be run whatever becomes of this process.
     *
     * @throws FlowError if nothing could run it, its audio cannot be read, or there is no room for its input; {@code KEY_REUSED} if its idempotency key was used for
     *     something else
     */
    public Job submit(Submission submission) {
        return intake.submit(submission);
    }

    /** @throws FlowError {@code NOT_FOUND} if there is no such job, or it is somebody else's */
    public Job find(String owner, String id) {
        return database.read(sql -> JobTable.find(sql, id))
                .filter(job -> job.owner().equals(owner))
                .orElseThrow(() -> unknown(id));
    }

    private static FlowError unknown(String id) {
        return FlowError.of(Code.NOT_FOUND, "There is no job %s.", id)
                .advice("GET /v1/jobs lists yours; old ones are forgotten.");
    }

    /**
     * A job with what it has given so far.
     *
     * @param position how many wait before it; empty if it does not wait
     */
    public record Listed(Job job, List<Output> outputs, OptionalInt position) {}

    /** Some jobs, and how to get those after them. */
    public record Page(List<Listed> jobs, Optional<String> next) {}

    /**
     * Somebody's jobs, the newest first.
     *
     * @param cursor what the page before gave as its next; empty for the first
     * @throws FlowError {@code BAD_REQUEST} if the cursor is none
     */
    public Page list(String owner, JobFilter filter, Optional<String> cursor, int atMost) {
        cursor.filter(text -> !Ids.isOne("job", text)).ifPresent(_ -> {
            throw FlowError.of(Code.BAD_REQUEST, "`cursor` is not one that a list of jobs gave.")
                    .field("cursor")
                    .advice("Take it from `next` of the page before, or leave it out for the first.");
        });
        return database.read(sql -> Listing.page(sql, owner, filter, cursor, atMost));
    }

    /** The job's outputs so far, in their order. */
    public List<Output> outputs(Job job) {
        return database.read(sql -> OutputTable.of(sql, job.id()));
    }

    /** How many are before it in the queue; empty if it does not wait. */
    public OptionalInt position(Job job) {
        return job.status() == Job.Status.QUEUED
                ? database.read(sql -> Schedule.ahead(sql, job.id()))
                : OptionalInt.empty();
    }

    /** The job once it has changed since that revision, or as it is after so long. */
    public Job awaitChange(String owner, String id, long revision, Duration atMost) {
        return awaitChange(owner, id, revision, atMost, () -> false);
    }

    /** @param stop is asked about once a second whether to wait no longer */
    public Job awaitChange(String owner, String id, long revision, Duration atMost, BooleanSupplier stop) {
        return await(owner, id, job -> job.revisions().last() > revision, atMost, stop);
    }

    /** The job once it is over, or as it is after so long. */
    public Job awaitEnd(String owner, String id, Duration atMost) {
        return awaitEnd(owner, id, atMost, () -> false);
    }

    /** @param stop is asked about once a second whether to wait no longer */
    public Job awaitEnd(String owner, String id, Duration atMost, BooleanSupplier stop) {
        return await(owner, id, job -> job.status().isFinal(), atMost, stop);
    }

    /** The database is asked at the beginning, when there is news, seldom without any, and at the end: those who wait cost it next to nothing. */
    private Job await(String owner, String id, Predicate<Job> enough, Duration atMost, BooleanSupplier stop) {
        long end = System.nanoTime() + atMost.toNanos();
        try (Changes.Watch watch = changes.watch(id)) {
            while (true) {
                Job job = find(owner, id);
                if (enough.test(job) || end - System.nanoTime() <= 0 || stop.getAsBoolean()) {
                    return job;
                }
                boolean news = false;
                for (int glances = 0;
                        !news && glances < GLANCES && end - System.nanoTime() > 0 && !stop.getAsBoolean();
                        glances++) {
                    Duration left = Duration.ofNanos(end - System.nanoTime());
                    news = watch.await(left.compareTo(GLANCE) < 0 ? left : GLANCE);
                }
            }
        }
    }

    /** Cancels without a key. */
    public Job cancel(String owner, String id) {
        return cancel(owner, id, Optional.empty());
    }

    /**
     * Ends a job that waits, and asks whoever runs one to stop; one that is over stays as it is.
     *
     * @param key a repeated request does nothing, also if the job has been tried again since
     * @throws FlowError {@code KEY_REUSED}
     */
    public Job cancel(String owner, String id, Optional<Idempotency> key) {
        Job job = find(owner, id);
        database.change(tx -> {
            Instant now = database.clock().instant();
            if (!Answered.isFirst(tx, owner, key, id, now)) {
                return;
            }
            JobStates.End end = new JobStates.End(
                    Job.Status.CANCELED,
                    job.attempts(),
                    Optional.empty(),
                    Optional.of(Documents.text(Documents.of(canceled()))),
                    Optional.empty());
            if (JobStates.endQueued(tx, id, end, now)) {
                Outbox.note(tx, job, WebhookEvent.CANCELED, now);
            } else {
                JobStates.requestCancel(tx, id, now);
            }
        });
        return find(owner, id);
    }

    /** Tries again without a key. */
    public Job retry(String owner, String id) {
        return retry(owner, id, Optional.empty());
    }

    /**
     * Queues a job again that failed or was canceled.
     *
     * @param key a repeated request does nothing, whatever has become of the job since
     * @throws FlowError {@code CONFLICT} if it did not, {@code EXPIRED} if its input is gone, {@code KEY_REUSED}
     */
    public Job retry(String owner, String id, Optional<Idempotency> key) {
        find(owner, id);
        database.change(tx -> {
            Instant now = database.clock().instant();
            if (Answered.isFirst(tx, owner, key, id, now)) {
                Job job = JobTable.find(tx.sql(), id).orElseThrow(() -> unknown(id));
                requireFailed(job);
                if (!JobStates.revive(tx, id)) {
                    throw FlowError.of(Code.EXPIRED, "The input of the job is no longer kept.")
                            .advice("Submit a new job with the audio.");
                }
                Schedule.add(tx, id, owner, job.priority(), Documents.lane(job.plan()));
            }
        });
        return find(owner, id);
    }

    private static void requireFailed(Job job) {
        if (!job.status().isFinal() || job.status() == Job.Status.SUCCEEDED) {
            throw FlowError.of(
                            Code.CONFLICT,
                            "The job is %s; only one that failed or was canceled is tried again.",
                            job.status().id())
                    .advice("Submit a new job to do the same work again.");
        }
    }

    /**
     * Enters the key of a request that changes nothing, so that it stands for no other.
     *
     * @throws FlowError {@code KEY_REUSED} if it does already
     */
    public void note(String owner, Optional<Idempotency> key) {
        if (key.isPresent()) {
            boolean _ = database.write(tx -> Answered.isFirst(
                    tx, owner, key, Answered.NOTHING, database.clock().instant()));
        }
    }

    /**
     * Removes a job with all its files. One that runs is canceled first, and goes when it has stopped; what it writes until then goes with the next sweep, and so does
     * what the store does not remove now.
     */
    public void remove(String owner, String id) {
        Job job = cancel(owner, id);
        List<BlobTable.GivenUp> files = database.write(tx -> {
            tx.sql().execute("delete from job where id = ?", job.id());
            Schedule.remove(tx, id);
            BlobTable.doom(tx, id);
            tx.signal(JobTable.topic(id));
            return BlobTable.doomedOf(tx.sql(), id);
        });
        if (job.status().isFinal()) {
            doomed.tryToRemove(files);
        } else {
            doomed.tryToEmpty(files);
        }
    }

    /**
     * Bytes of an output, from the first wanted to the last, waiting for those that are yet to come.
     *
     * @throws FlowError {@code EXPIRED} if its time is over, whether or not it has been removed already
     */
    public InputStream read(Job job, Output output, long from, long length) {
        return read(job, output, from, length, new Cancellation());
    }

    /** @param cancellation ends the waiting for bytes that are yet to come, with its reason */
    public InputStream read(Job job, Output output, long from, long length, Cancellation cancellation) {
        Instant now = database.clock().instant();
        if (job.times().expires().filter(end -> !end.isAfter(now)).isPresent()) {
            throw OutputStreamed.expired(output.name());
        }
        return new OutputStreamed(database, blobs, changes, job.id(), output, from, length, cancellation);
    }

    /**
     * Bytes of what was handed in.
     *
     * @throws FlowError {@code EXPIRED} if it is no longer kept, {@code NOT_FOUND} if it has not been fetched yet
     */
    public InputStream readInput(Job job, long from, long length) throws IOException {
        if (job.input().blob().isEmpty() && job.input().url().isPresent()) {
            throw FlowError.of(
                            Code.NOT_FOUND, "The input of the job is fetched when the job runs, and is not kept now.")
                    .advice("It is at %s.", job.input().url().get());
        }
        FlowError gone = FlowError.of(Code.EXPIRED, "The input of the job is no longer kept.")
                .advice("keep_input says for how long inputs are kept.");
        String key = job.input().blob().orElseThrow(() -> gone);
        Optional<byte[]> content = database.read(sql -> BlobTable.content(sql, key));
        if (content.isPresent()) {
            int bytes = content.get().length;
            int start = (int) Math.min(from, bytes);
            return new ByteArrayInputStream(content.get(), start, (int) Math.min(length, bytes - start));
        }
        try {
            return blobs.read(key, from, length);
        } catch (NoSuchFileException removed) {
            throw gone.causedBy(removed);
        }
    }

    static FlowError canceled() {
        return FlowError.of(Code.CANCELED, "The job was canceled.");
    }

    static FlowError late() {
        return FlowError.of(Code.DEADLINE_EXCEEDED, "The deadline of the job passed before it could be run.")
                .advice("Allow more time, or give it priority realtime.");
    }

    @Override
    public void close() {
        changes.close();
    }

    /** Ends jobs whose deadline passes while they wait. */
    static void endLate(Database database) {
        Instant now = database.clock().instant();
        for (String id : database.read(sql -> JobTable.late(sql, now))) {
            database.change(tx -> {
                if (JobStates.endQueued(tx, id, JobStates.End.of(Job.Status.FAILED, late()), now)) {
                    Job job = JobTable.find(tx.sql(), id).orElseThrow();
                    Outbox.note(tx, job, WebhookEvent.FAILED, now);
                }
            });
        }
    }
}
