package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Database;
import io.flowstate.storage.Tx;
import java.time.Instant;
import java.util.Optional;

/** How a node makes a job its own that it has claimed. Thread-safe. */
final class Beginning {
    private final Database database;
    private final JobsConfig config;

    Beginning(Database database, JobsConfig config) {
        this.database = database;
        this.config = config;
    }

    /** Begins an attempt; empty if there is none to make, because the job is over, or gone, or somebody else's by now. */
    Optional<JobStates.Begun> begin(Schedule.Place place) {
        return Reconnecting.settling(database, place.id()).write(tx -> begin(tx, place));
    }

    private Optional<JobStates.Begun> begin(Tx tx, Schedule.Place place) {
        Instant now = database.clock().instant();
        Optional<JobStates.Begun> begun = JobStates.begin(tx, place, config.node(), now);
        if (begun.isEmpty()) {
            Optional<JobStates.Begun> before = JobStates.begun(tx, place);
            if (before.isEmpty()) {
                Schedule.remove(tx, place);
            }
            return before;
        }
        Job job = begun.get().job();
        if (job.attempt() > 1) {
            OutputTable.removeAll(tx, job.id());
            BlobTable.doomOutputs(tx, job.id());
        }
        Optional<JobStates.End> end = overAlready(job, begun.get().losses());
        if (end.isEmpty()) {
            Outbox.note(tx, job, WebhookEvent.STARTED, now);
            return begun;
        }
        JobStates.end(tx, job.id(), job.attempt(), job.attempt() > 1, end.get(), now);
        Outbox.note(tx, job, WebhookEvent.of(end.get().status()), now);
        return Optional.empty();
    }

    /** What would end the job before it runs. */
    private Optional<JobStates.End> overAlready(Job job, int losses) {
        if (job.times().cancelRequested().isPresent()) {
            return Optional.of(JobStates.End.of(Job.Status.CANCELED, Jobs.canceled()));
        }
        if (losses > config.maxLosses()) {
            return Optional.of(JobStates.End.of(
                    Job.Status.FAILED,
                    FlowError.of(
                                    Code.NODE_LOST,
                                    "The job was lost with its node %d times and is not tried again.",
                                    losses)
                            .advice("The nodes' logs may say what ended them; retry the job when that is mended.")));
        }
        return Optional.empty();
    }
}
