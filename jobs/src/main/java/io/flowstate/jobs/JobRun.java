package io.flowstate.jobs;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.Request;
import io.flowstate.core.gateway.Answer;
import io.flowstate.core.gateway.Attempt;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Progress;
import io.flowstate.egress.Egress;
import io.flowstate.storage.Database;
import io.flowstate.storage.Tx;
import java.io.IOException;
import java.math.BigDecimal;
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
 * number there ends this attempt without a trace. Used by the thread that runs it; its cancellation may come from any.
 */
final class JobRun {
    private static final Logger log = LoggerFactory.getLogger(JobRun.class);
    private static final Duration BETWEEN_ADVANCES = Duration.ofMillis(500);

    private final Database database;
    private final BlobStore blobs;
    private final Gateway gateway;
    private final Duration checkpoints;
    private final JobStates.Begun begun;
    private final Job job;
    private final Schedule.Place place;
    private final int attempt;
    private final Tally tally;
    private final Cancellation cancellation;
    private final Reconnecting durable;
    private final Reconnecting settling;
    private final JobInput input;
    private final StoreWatch store = new StoreWatch();
    private final List<Attempt> failed = new ArrayList<>();
    private Optional<BigDecimal> costUsd = Optional.empty();
    private Optional<JobCheckpoint> kept = Optional.empty();
    private String placed;
    private Instant lastAdvance = Instant.EPOCH;
    private volatile boolean lost;

    /**
     * @param begun the attempt
     * @param place that the job has in the queue meanwhile
     * @param cancellation stops the run; why it was stopped decides what becomes of the job
     * @param tally counts what becomes of it
     */
    JobRun(
            Database database,
            BlobStore blobs,
            Gateway gateway,
            Egress egress,
            JobsConfig config,
            JobStates.Begun begun,
            Schedule.Place place,
            Cancellation cancellation,
            Tally tally) {
        this.database = database;
        this.blobs = blobs;
        this.gateway = gateway;
        this.checkpoints = config.checkpoint();
        this.begun = begun;
        this.job = begun.job();
        this.cancellation = cancellation;
        this.place = place;
        this.attempt = job.attempt();
        this.tally = tally;
        this.placed = job.deployment().orElse("");
        this.durable = new Reconnecting(database, job.id(), cancellation);
        this.settling = Reconnecting.settling(database, job.id());
        this.input = new JobInput(database, durable, blobs, egress, config, job, begun.input(), cancellation);
    }

    /** Returns when the job is over, back in the queue, or another's. */
    void run() {
        try (JobOutputs outputs = new JobOutputs(
                durable,
                database.clock(),
                blobs,
                store,
                job.id(),
                attempt,
                new AudioInput(job.input().name(), Path.of(".")).track())) {
            try {
                Answer answer = gateway.answer(call(outputs));
                outputs.flush();
                cancellation.throwIfCanceled();
                succeed(answer, outputs);
            } catch (FlowError failure) {
                settle(store.refused()
                        .filter(_ -> !cancellation.isCanceled())
                        .map(JobRun::unstored)
                        .orElse(failure));
            } catch (IOException refused) {
                settle(unstored(refused));
            }
        } catch (LeaseLost superseded) {
            log.warn("{} attempt {} was superseded; what it did is dropped", job.id(), attempt);
        } finally {
            input.close();
        }
    }

    private static FlowError unstored(IOException refused) {
        return DiskFull.isReasonOf(refused)
                ? FlowError.of(Code.DISK_FULL, "The store for files is full.").causedBy(refused)
                : FlowError.of(Code.STORE_UNAVAILABLE, "The store for files fails: %s.", Reason.of(refused))
                        .causedBy(refused);
    }

    private Call call(JobOutputs outputs) throws IOException {
        cancellation.throwIfCanceled();
        AudioInput audio = new AudioInput(job.input().name(), input.file());
        Request request = Documents.request(job.task(), Documents.parse(job.request()), audio);
        Optional<Duration> left = job.times()
                .deadline()
                .map(end -> Duration.between(database.clock().instant(), end));
        left.filter(time -> !time.isPositive()).ifPresent(_ -> {
            throw Jobs.late();
        });
        JobCheckpoint checkpoint =
                new JobCheckpoint(durable, database.clock(), blobs, store, job, checkpoints, begun.checkpoint());
        kept = Optional.of(checkpoint);
        Policy policy = Documents.policy(Documents.parse(begun.policy()), job.priority(), left);
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

    /** At most a few times a second. It also finds out whether the job is still ours. */
    private void advance(Progress progress) {
        Instant now = database.clock().instant();
        if (Duration.between(lastAdvance, now).abs().compareTo(BETWEEN_ADVANCES) < 0) {
            return;
        }
        lastAdvance = now;
        String phase = progress.phase().name().toLowerCase(Locale.ROOT);
        double fraction = progress.phase() == Progress.Phase.SEPARATING ? progress.fraction() : 0;
        try {
            JobStates.Advanced told = database.write(tx -> {
                JobStates.Advanced noted = JobStates.advance(tx, job.id(), attempt, phase, fraction);
                if (noted != JobStates.Advanced.LOST) {
                    Outbox.note(tx, job, WebhookEvent.PROGRESS, now);
                }
                return noted;
            });
            switch (told) {
                case NOTED -> {}
                case TO_CANCEL -> cancellation.cancel(Jobs.canceled());
                case LOST -> {
                    lost = true;
                    cancellation.cancel(FlowError.of(Code.CANCELED, "Another node has taken the job over."));
                }
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
        tally.count(Job.Status.SUCCEEDED);
    }

    /** What a failure means for the job: some only mean that this was not the time or the place. */
    private void settle(FlowError failure) {
        if (lost) {
            throw new LeaseLost(job.id(), attempt);
        }
        switch (failure.code()) {
            case SHUTTING_DOWN -> giveBack(Duration.ZERO, place.refusals(), failure);
            case QUEUE_FULL -> giveBack(failure.retryAfter().orElse(Duration.ofSeconds(2)), place.refusals(), failure);
            case STORE_UNAVAILABLE, DISK_FULL -> {
                if (place.refusals() < PutBack.MOST) {
                    giveBack(PutBack.pause(place.refusals()), place.refusals() + 1, failure);
                } else {
                    end(Job.Status.FAILED, PutBack.enough(failure));
                }
            }
            case ADDRESS_FAILED -> {
                Optional<Duration> passes = failure.retryAfter();
                if (passes.isEmpty()) {
                    end(Job.Status.FAILED, failure);
                } else if (place.refusals() < PutBack.MOST_FETCHES) {
                    giveBack(PutBack.pauseForHost(place.refusals(), passes.get()), place.refusals() + 1, failure);
                } else {
                    end(Job.Status.FAILED, PutBack.unfetched(failure));
                }
            }
            case CANCELED -> end(Job.Status.CANCELED, failure);
            default -> end(Job.Status.FAILED, failure);
        }
    }

    /** The job and its place in the queue go together, so that whoever cancels or removes the one at this moment finds the other. */
    private void giveBack(Duration after, int refusals, FlowError why) {
        log.info("{} goes back into the queue for {}: {}", job.id(), after, why.message());
        settling.change(tx -> {
            if (!JobStates.giveBack(tx, job.id(), attempt)) {
                throw new LeaseLost(job.id(), attempt);
            }
            OutputTable.removeAll(tx, job.id());
            BlobTable.doomOutputs(tx, job.id());
            Schedule.putBack(tx, place, refusals, database.clock().instant(), after);
        });
        tally.count(Tally.Event.PUT_BACK);
    }

    private void end(Job.Status status, FlowError failure) {
        settling.change(tx -> {
            Instant now = database.clock().instant();
            JobStates.End how = new JobStates.End(
                    status,
                    Documents.text(Documents.of(failed)),
                    Optional.empty(),
                    Optional.of(Documents.text(Documents.of(failure))),
                    Optional.empty());
            long _ = end(tx, how, now);
            OutputTable.removeAll(tx, job.id());
            BlobTable.doomOutputs(tx, job.id());
            Outbox.note(tx, job, WebhookEvent.of(status), now);
        });
        tally.count(status);
    }

    /** Ends the job under our number. Gives the revision for what is completed with it. */
    private long end(Tx tx, JobStates.End how, Instant now) {
        boolean left = kept.map(JobCheckpoint::isUsed).orElse(attempt > 1);
        return JobStates.end(tx, job.id(), attempt, left, how, now).orElseThrow(() -> new LeaseLost(job.id(), attempt));
    }
}
