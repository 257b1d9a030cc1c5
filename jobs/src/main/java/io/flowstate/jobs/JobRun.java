package io.flowstate.jobs;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Sha256;
import io.flowstate.core.gateway.Answer;
import io.flowstate.core.gateway.Attempt;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Progress;
import io.flowstate.egress.Downloaded;
import io.flowstate.egress.Egress;
import io.flowstate.storage.Database;
import io.flowstate.storage.Tx;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a job, from its beginning on a node to its end, or to the moment at which the job goes back into the queue.
 *
 * <p>States: begun (the row is ours under a new attempt number) → running → ended, given back, or lost. Every write names the attempt; the first one that finds another
 * number there ends this attempt without a trace. Used by the thread that runs it; {@link #cancel} may be called by any.
 */
final class JobRun {
    private static final Logger log = LoggerFactory.getLogger(JobRun.class);
    private static final Duration BETWEEN_ADVANCES = Duration.ofMillis(500);

    private final Database database;
    private final BlobStore blobs;
    private final Gateway gateway;
    private final Egress egress;
    private final Path scratch;
    private final long maxBytes;
    private final Duration checkpoints;
    private final Job job;
    private final int attempt;
    private final Cancellation cancellation = new Cancellation();
    private final Reconnecting durable;
    private final List<Attempt> failed = new ArrayList<>();
    private Optional<BigDecimal> costUsd = Optional.empty();
    private Optional<JobCheckpoint> kept = Optional.empty();
    private String placed;
    private Instant lastAdvance = Instant.EPOCH;
    private Optional<Path> copy = Optional.empty();
    private volatile boolean lost;

    /** What becomes of the job's place in the queue. */
    sealed interface Outcome {
        /** It is gone, in the transaction that ended the job, or is another's. */
        record Over() implements Outcome {}

        /** It comes again after a while. */
        record Again(Duration after) implements Outcome {}
    }

    /** @param job as it was when the attempt began */
    JobRun(Database database, BlobStore blobs, Gateway gateway, Egress egress, JobsConfig config, Job job) {
        this.database = database;
        this.blobs = blobs;
        this.gateway = gateway;
        this.egress = egress;
        this.scratch = config.scratch();
        this.maxBytes = config.maxBytes();
        this.checkpoints = config.checkpoint();
        this.job = job;
        this.attempt = job.attempt();
        this.placed = job.deployment().orElse("");
        this.durable = new Reconnecting(database, job.id(), cancellation);
    }

    /** Stops the run; why it was stopped decides what becomes of the job. */
    void cancel(FlowError why) {
        cancellation.cancel(why);
    }

    Outcome run() {
        try (JobOutputs outputs = new JobOutputs(
                durable,
                database.clock(),
                blobs,
                job.id(),
                attempt,
                new AudioInput(job.input().name(), scratch).track())) {
            Answer answer = gateway.answer(call(outputs));
            outputs.flush();
            succeed(answer, outputs);
            return new Outcome.Over();
        } catch (LeaseLost superseded) {
            return superseded();
        } catch (IOException refused) {
            return settle(
                    FlowError.of(Code.STORE_UNAVAILABLE, "The store for files does not take the outputs at the moment.")
                            .causedBy(refused));
        } catch (FlowError failure) {
            return lost ? superseded() : settle(failure);
        } finally {
            dropCopy();
        }
    }

    /** The input as a file of this machine: the store's own, or a copy for this run. */
    private Path local(String blob) throws IOException {
        Files.createDirectories(scratch);
        Path file = blobs.file(blob, scratch);
        if (file.startsWith(scratch)) {
            copy = Optional.of(file);
        }
        return file;
    }

    private void dropCopy() {
        try {
            if (copy.isPresent()) {
                Files.deleteIfExists(copy.get());
            }
        } catch (IOException stuck) {
            log.warn("{}: the copy of its input could not be removed: {}", job.id(), stuck.toString());
        }
    }

    private Outcome superseded() {
        log.warn("{} attempt {} was superseded; what it did is dropped", job.id(), attempt);
        return new Outcome.Over();
    }

    private Call call(JobOutputs outputs) throws IOException {
        JobTable.Asked asked = database.read(sql -> JobTable.asked(sql, job.id()));
        if (asked.toCancel()) {
            // It was said after the attempt began and before this run could be told.
            throw Jobs.canceled();
        }
        String blob = job.input().blob().isPresent() ? job.input().blob().get() : fetched();
        AudioInput audio = new AudioInput(job.input().name(), local(blob));
        Request request = Documents.request(job.task(), Documents.parse(asked.request()), audio);
        Optional<Duration> left = job.times()
                .deadline()
                .map(end -> Duration.between(database.clock().instant(), end));
        left.filter(time -> !time.isPositive()).ifPresent(_ -> {
            throw Jobs.late();
        });
        JobCheckpoint checkpoint =
                new JobCheckpoint(durable, database.clock(), blobs, job, checkpoints, asked.checkpoint());
        kept = Optional.of(checkpoint);
        Policy policy = Documents.policy(Documents.parse(asked.policy()), job.priority(), left);
        return new Call(
                job.id(),
                request,
                policy,
                cancellation,
                this::advance,
                new Call.AttemptListener() {
                    @Override
                    public void attempting(Plan.Step step, int number) {
                        costUsd = step.predicted().costUsd();
                        place(step.deployment().id());
                    }

                    @Override
                    public void failed(Attempt tried) {
                        failed.add(tried);
                    }
                },
                outputs,
                checkpoint);
    }

    /** Notes where the job runs, unless that is where it began and says so already. */
    private void place(String deployment) {
        if (!deployment.equals(placed)) {
            durable.change(tx -> JobStates.place(tx, job.id(), attempt, deployment));
            placed = deployment;
        }
    }

    /** Takes in the audio that the job only names. Another attempt finds it there. */
    private String fetched() throws IOException {
        URI url = job.input().url().orElseThrow(() -> new IllegalStateException("a job without its input"));
        String key = "jobs/%s/fetched/%d".formatted(job.id(), attempt);
        durable.change(tx -> BlobTable.enter(
                tx, key, job.id(), BlobTable.INPUT, 0, database.clock().instant()));
        Files.createDirectories(scratch);
        Path file = scratch.resolve("%s-%d".formatted(job.id(), attempt));
        try {
            Downloaded audio = egress.download(url, file, room(), cancellation, (_, _) -> {});
            try (BlobStore.Writer to = blobs.create(key)) {
                Files.copy(file, to);
                to.commit();
            }
            String sum = Sha256.of(file);
            durable.change(tx -> {
                BlobTable.measured(tx, key, audio.bytes());
                if (!JobStates.received(tx, job.id(), attempt, key, audio.bytes(), sum)) {
                    throw new LeaseLost(job.id(), attempt);
                }
            });
            return key;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** How many bytes an input that is fetched may have: no more than there is room for. */
    private long room() {
        return Math.max(1, maxBytes - database.read(BlobTable::totalBytes));
    }

    /** At most a few times a second. It also finds out whether the job is still ours. */
    private void advance(Progress progress) {
        Instant now = database.clock().instant();
        if (Duration.between(lastAdvance, now).compareTo(BETWEEN_ADVANCES) < 0) {
            return;
        }
        lastAdvance = now;
        String phase = progress.phase().name().toLowerCase(Locale.ROOT);
        double fraction = progress.phase() == Progress.Phase.SEPARATING ? progress.fraction() : 0;
        try {
            boolean ours = database.write(tx -> {
                boolean noted = JobStates.advance(tx, job.id(), attempt, phase, fraction);
                if (noted) {
                    Outbox.note(tx, job, WebhookEvent.PROGRESS, now);
                }
                return noted;
            });
            if (!ours) {
                lost = true;
                cancellation.cancel(FlowError.of(Code.CANCELED, "Another node has taken the job over."));
            }
        } catch (FlowError away) {
            log.debug("{}: progress is not noted: {}", job.id(), away.message());
        }
    }

    private void succeed(Answer answer, JobOutputs outputs) {
        durable.change(tx -> {
            Instant now = database.clock().instant();
            JobStates.End how = new JobStates.End(
                    Job.Status.SUCCEEDED,
                    Documents.text(Documents.of(answer.attempts())),
                    Optional.of(Documents.text(Documents.of(answer.result()))),
                    Optional.empty(),
                    costUsd.map(BigDecimal::toPlainString));
            outputs.complete(tx, end(tx, how, now));
            Outbox.note(tx, job, WebhookEvent.SUCCEEDED, now);
        });
    }

    /** What a failure means for the job: some only mean that this was not the time or the place. */
    private Outcome settle(FlowError failure) {
        return switch (failure.code()) {
            case SHUTTING_DOWN -> giveBack(Duration.ZERO, failure);
            case QUEUE_FULL, STORE_UNAVAILABLE -> giveBack(failure.retryAfter().orElse(Duration.ofSeconds(2)), failure);
            case CANCELED -> end(Job.Status.CANCELED, failure);
            default -> end(Job.Status.FAILED, failure);
        };
    }

    private Outcome giveBack(Duration after, FlowError why) {
        log.info("{} goes back into the queue for {}: {}", job.id(), after, why.message());
        boolean ours = database.write(tx -> {
            OutputTable.removeAll(tx, job.id());
            BlobTable.doomOutputs(tx, job.id());
            return JobStates.giveBack(tx, job.id(), attempt);
        });
        return ours ? new Outcome.Again(after) : superseded();
    }

    private Outcome end(Job.Status status, FlowError failure) {
        try {
            database.change(tx -> {
                Instant now = database.clock().instant();
                OutputTable.removeAll(tx, job.id());
                BlobTable.doomOutputs(tx, job.id());
                JobStates.End how = new JobStates.End(
                        status,
                        Documents.text(Documents.of(failed)),
                        Optional.empty(),
                        Optional.of(Documents.text(Documents.of(failure))),
                        Optional.empty());
                long _ = end(tx, how, now);
                Outbox.note(tx, job, WebhookEvent.of(status), now);
            });
            return new Outcome.Over();
        } catch (LeaseLost superseded) {
            return superseded();
        }
    }

    /** Ends the job under our number, and its place in the queue with it. Gives the revision for what is completed with it. */
    private long end(Tx tx, JobStates.End how, Instant now) {
        long revision =
                JobStates.end(tx, job.id(), attempt, how, now).orElseThrow(() -> new LeaseLost(job.id(), attempt));
        Schedule.remove(tx, job.id());
        if (kept.map(JobCheckpoint::isUsed).orElse(attempt > 1)) {
            BlobTable.doomCheckpoint(tx, job.id());
        }
        return revision;
    }
}
