package io.flowstate.jobs;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.SchedulerState;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.flowstate.core.Cancellation;
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
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(5);
    /** How much later than this one another node may get to the database again. */
    private static final Duration TO_COME_BACK = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Database database;
    private final BlobStore blobs;
    private final Gateway gateway;
    private final Egress egress;
    private final JobsConfig config;
    private final Beginning beginning;
    private final Lanes lanes;
    private final Tally tally = new Tally();
    /** How each job is stopped that runs here, or is just being begun. */
    private final Map<String, Cancellation> running = new ConcurrentHashMap<>();

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
        this.beginning = new Beginning(database, config);
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
                            Timestamp.from(Schedule.AT_ONCE)));
        }
        Worker worker = new Worker(database, blobs, gateway, egress, config);
        worker.scheduler.start();
        return worker;
    }

    private Scheduler scheduler() {
        CustomTask<String> job = Tasks.custom(Schedule.JOB, String.class)
                .onFailure((complete, _) -> putBack(place(complete.getExecution()), AFTER_A_FAULT))
                .onDeadExecution((complete, _) -> {
                    Execution lost = complete.getExecution();
                    if (mayOnlySeemLost()) {
                        log.info(
                                "{} has no sign of life, as this node had none of the database; waiting", lost.getId());
                        return;
                    }
                    log.warn("{} was lost with its node {}; it is queued again", lost.getId(), lost.pickedBy);
                    tally.count(Tally.Event.LOST);
                    putBack(place(lost), Duration.ZERO);
                })
                .execute(this::execute);
        boolean single = database.dialect() == Dialect.SQLITE;
        return Scheduler.create(database.source(), job)
                .tableName(Schedule.TABLE)
                .jdbcCustomization(new FairClaim(database.dialect(), Schedule.ORDER, lanes))
                .serializer(new LaneText())
                .clock(database.clock()::instant)
                .schedulerName(new SchedulerName.Fixed(config.node()))
                .threads(config.concurrency())
                .executorService(Executors.newThreadPerTaskExecutor(this::thread))
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

    /** For one job that was just claimed. */
    private Thread thread(Runnable job) {
        Thread thread = Thread.ofVirtual().unstarted(() -> {
            try {
                job.run();
            } finally {
                lanes.forget();
            }
        });
        lanes.await(thread);
        return thread;
    }

    /** After a time without the database nobody's heartbeat is fresh: the others must have come back and had the time for one. */
    private boolean mayOnlySeemLost() {
        Duration lease = config.heartbeat().multipliedBy(config.missedHeartbeats());
        return database.inTouch().compareTo(lease.plus(TO_COME_BACK)) < 0;
    }

    /** What becomes of the job's place in the queue is written with what becomes of the job, so nothing is left for the library to do. */
    private CompletionHandler<String> execute(TaskInstance<String> instance, ExecutionContext context) {
        Schedule.Place place = place(context.getExecution());
        String lane = instance.getData();
        if (draining || !lanes.enter(lane)) {
            // It keeps its turn; a lane without room is left out of the next look.
            putBack(place, Duration.ZERO);
        } else {
            try {
                if (lanes.hasMoreToClaim()) {
                    scheduler.triggerCheckForDueExecutions();
                }
                attempt(place);
            } finally {
                // What waits in other lanes is looked for by the scheduler itself, whenever it runs low.
                if (lanes.leave(lane)) {
                    scheduler.triggerCheckForDueExecutions();
                }
            }
        }
        return (_, _) -> {};
    }

    private static Schedule.Place place(Execution execution) {
        return new Schedule.Place(execution.getId(), execution.version, execution.consecutiveFailures);
    }

    private void putBack(Schedule.Place place, Duration pause) {
        Reconnecting.settling(database, place.id())
                .change(tx -> Schedule.putBack(
                        tx, place, place.refusals(), database.clock().instant(), pause));
    }

    private void attempt(Schedule.Place place) {
        String id = place.id();
        Cancellation cancellation = new Cancellation();
        // Before the attempt begins, as from then on it may be asked to stop.
        running.put(id, cancellation);
        try {
            if (draining) {
                cancellation.cancel(stopping());
            }
            beginning
                    .begin(place)
                    .ifPresent(begun -> new JobRun(
                                    database, blobs, gateway, egress, config, begun, place, cancellation, tally)
                            .run());
        } finally {
            running.remove(id, cancellation);
        }
    }

    private void hear(String topic) {
        if (topic.equals(Schedule.TOPIC) || topic.equals(Signals.ANYTHING)) {
            scheduler.triggerCheckForDueExecutions();
        }
        if (topic.equals(Signals.ANYTHING)) {
            // Something may have been said while nobody could hear it.
            Thread.ofVirtual().start(() -> running.forEach(this::cancelIfAsked));
        } else if (topic.startsWith(JobTable.cancelTopic(""))) {
            Optional.ofNullable(
                            running.get(topic.substring(JobTable.cancelTopic("").length())))
                    .ifPresent(run -> Thread.ofVirtual().start(() -> run.cancel(Jobs.canceled())));
        }
    }

    /** Also if the job is gone: it was removed. */
    private void cancelIfAsked(String id, Cancellation run) {
        try {
            Optional<Job> job = database.read(sql -> JobTable.find(sql, id));
            if (job.isEmpty() || job.get().times().cancelRequested().isPresent()) {
                run.cancel(Jobs.canceled());
            }
        } catch (FlowError away) {
            log.debug("{}: whether it is to be canceled is not known: {}", id, away.message());
        }
    }

    /** How many jobs run here. */
    public int running() {
        return running.size();
    }

    /** What became of jobs here. */
    public Tally tally() {
        return tally;
    }

    /** Why it takes up no jobs, if it does not. */
    public Optional<String> obstacle() {
        SchedulerState state = scheduler.getSchedulerState();
        return draining || !state.isStarted() || state.isShuttingDown()
                ? Optional.of("The worker takes up no more jobs.")
                : Optional.empty();
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
