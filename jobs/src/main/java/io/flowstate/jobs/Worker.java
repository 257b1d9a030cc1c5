package io.flowstate.jobs;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.gateway.Gateway;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.egress.Egress;
import io.flowstate.storage.Database;
import io.flowstate.storage.Dialect;
import io.flowstate.storage.Signals;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs on this node, as many at a time as it may. Thread-safe.
 *
 * <p>db-scheduler takes what is due, keeps the heartbeat and finds the jobs of nodes that died; what a job is and how it ends is {@link JobRun}'s. Threads: its own, on which
 * it polls, and a virtual one for each job that runs.
 */
public final class Worker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    /** How soon a job that found no room in its lane asks again. Seldom: a lane without room is left out of the next look. */
    private static final Duration NO_ROOM = Duration.ofSeconds(1);

    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Database database;
    private final BlobStore blobs;
    private final Gateway gateway;
    private final Egress egress;
    private final JobsConfig config;
    private final Lanes lanes;
    private final Map<String, JobRun> running = new ConcurrentHashMap<>();
    private final Scheduler scheduler;
    private final Signals.Subscription subscription;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean draining;

    private Worker(Database database, BlobStore blobs, Gateway gateway, Egress egress, JobsConfig config) {
        this.database = database;
        this.blobs = blobs;
        this.gateway = gateway;
        this.egress = egress;
        this.config = config;
        this.lanes = new Lanes(config.lanes());
        this.scheduler = scheduler();
        this.subscription = database.signals().listen(this::hear);
    }

    /** Takes up work from now on. What this machine's last process left running on an embedded database is taken up at once. */
    public static Worker start(Database database, BlobStore blobs, Gateway gateway, Egress egress, JobsConfig config) {
        if (database.dialect() == Dialect.SQLITE) {
            database.change(tx -> tx.sql()
                    .execute(
                            "update scheduled_task set picked = false, picked_by = null, execution_time = ?"
                                    + " where task_name = 'job'",
                            Timestamp.from(Instant.EPOCH)));
        }
        Worker worker = new Worker(database, blobs, gateway, egress, config);
        worker.scheduler.start();
        return worker;
    }

    private Scheduler scheduler() {
        CustomTask<String> job = Tasks.custom(Schedule.JOB, String.class)
                .onFailure((complete, operations) -> operations.reschedule(
                        complete, database.clock().instant().plus(AFTER_A_FAULT)))
                .onDeadExecution((complete, operations) -> {
                    Execution lost = complete.getExecution();
                    log.warn("{} was lost with its node {}; it is queued again", lost.getId(), lost.pickedBy);
                    operations.reschedule(complete, database.clock().instant());
                })
                .execute(this::execute);
        boolean single = database.dialect() == Dialect.SQLITE;
        return Scheduler.create(database.source(), job)
                .tableName(Schedule.TABLE)
                .jdbcCustomization(new FairClaim(database.dialect(), Schedule.ORDER, lanes::full))
                .serializer(new LaneText())
                .clock(database.clock()::instant)
                .schedulerName(new SchedulerName.Fixed(config.node()))
                .threads(config.concurrency())
                .executorService(Executors.newVirtualThreadPerTaskExecutor())
                .pollUsingLockAndFetch(0.5, 1.0)
                .pollingInterval(config.poll())
                .heartbeatInterval(config.heartbeat())
                .missedHeartbeatsLimit(single ? Integer.MAX_VALUE : config.missedHeartbeats())
                .deleteUnresolvedAfter(Duration.ofDays(36_500))
                .shutdownMaxWait(PATIENCE)
                .enablePriority()
                .failureLogging(LogLevel.WARN, true)
                .build();
    }

    private CompletionHandler<String> execute(TaskInstance<String> instance, ExecutionContext context) {
        String id = instance.getId();
        String lane = instance.getData();
        if (draining) {
            return again(Duration.ZERO);
        }
        if (!lanes.enter(lane)) {
            return again(NO_ROOM);
        }
        try {
            return switch (attempt(id)) {
                case JobRun.Outcome.Over() -> (_, _) -> {};
                case JobRun.Outcome.Again(Duration after) -> again(after);
            };
        } finally {
            // What waits in other lanes is looked for by the scheduler itself, whenever it runs low.
            if (lanes.leave(lane)) {
                scheduler.triggerCheckForDueExecutions();
            }
        }
    }

    private CompletionHandler<String> again(Duration after) {
        return (complete, operations) ->
                operations.reschedule(complete, database.clock().instant().plus(after));
    }

    private JobRun.Outcome attempt(String id) {
        Optional<Job> begun = begin(id);
        if (begun.isEmpty()) {
            return new JobRun.Outcome.Over();
        }
        JobRun run = new JobRun(database, blobs, gateway, egress, config, begun.get());
        running.put(id, run);
        try {
            if (draining) {
                run.cancel(stopping());
            }
            return run.run();
        } finally {
            running.remove(id, run);
        }
    }

    /** Makes the job ours; empty if there is nothing to do any more, and then its place in the queue is gone too. */
    private Optional<Job> begin(String id) {
        return database.write(tx -> {
            Instant now = database.clock().instant();
            Optional<JobStates.Begun> begun = JobStates.begin(tx, id, config.node(), now);
            if (begun.isEmpty()) {
                Schedule.remove(tx, id);
                return Optional.empty();
            }
            Job job = begun.get().job();
            if (job.attempt() > 1) {
                OutputTable.removeAll(tx, id);
                BlobTable.doomOutputs(tx, id);
            }
            Optional<JobStates.End> end = overAlready(job, begun.get().losses());
            if (end.isEmpty()) {
                Outbox.note(tx, job, WebhookEvent.STARTED, now);
                return Optional.of(job);
            }
            JobStates.end(tx, id, job.attempt(), end.get(), now);
            Schedule.remove(tx, id);
            Outbox.note(tx, job, WebhookEvent.of(end.get().status()), now);
            return Optional.empty();
        });
    }

    /** What would end the job before it runs. */
    private Optional<JobStates.End> overAlready(Job job, int losses) {
        if (job.times().cancelRequested().isPresent()) {
            return Optional.of(ended(Job.Status.CANCELED, Jobs.canceled()));
        }
        if (losses > config.maxLosses()) {
            return Optional.of(ended(
                    Job.Status.FAILED,
                    FlowError.of(
                                    Code.NODE_LOST,
                                    "The job was lost with its node %d times and is not tried again.",
                                    losses)
                            .advice("The nodes' logs may say what ended them; retry the job when that is mended.")));
        }
        return Optional.empty();
    }

    private static JobStates.End ended(Job.Status status, FlowError why) {
        return new JobStates.End(
                status, "[]", Optional.empty(), Optional.of(Documents.text(Documents.of(why))), Optional.empty());
    }

    private void hear(String topic) {
        if (topic.equals(Schedule.TOPIC) || topic.equals(Signals.ANYTHING)) {
            scheduler.triggerCheckForDueExecutions();
        } else if (topic.startsWith(JobTable.cancelTopic(""))) {
            Optional.ofNullable(
                            running.get(topic.substring(JobTable.cancelTopic("").length())))
                    .ifPresent(run -> Thread.ofVirtual().start(() -> run.cancel(Jobs.canceled())));
        }
    }

    /** How many jobs run here. */
    public int running() {
        return running.size();
    }

    /** Begins nothing more, gives what runs some time, and then hands it back to the queue. Blocks until it is over. */
    public void drain(Duration limit) {
        draining = true;
        long end = System.nanoTime() + limit.toNanos();
        scheduler.pause();
        while (!running.isEmpty() && System.nanoTime() < end) {
            rest();
        }
        close();
    }

    /** Hands what runs back to the queue. */
    @Override
    public void close() {
        draining = true;
        if (closed.getAndSet(true)) {
            return;
        }
        subscription.close();
        running.values().forEach(run -> run.cancel(stopping()));
        scheduler.stop();
    }

    private static FlowError stopping() {
        return FlowError.of(Code.SHUTTING_DOWN, "The node stops; the job goes back into the queue.");
    }

    private static void rest() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** A job's data in db-scheduler's table is the name of its lane, and nothing that could be an object of Java. */
    private static final class LaneText implements Serializer {
        @Override
        public byte[] serialize(Object lane) {
            return ((String) lane).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public <T> T deserialize(Class<T> type, byte[] bytes) {
            return type.cast(new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
