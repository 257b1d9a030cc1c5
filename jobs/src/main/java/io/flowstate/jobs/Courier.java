package io.flowstate.jobs;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.jobs.webhook.Message;
import io.flowstate.jobs.webhook.Outcome;
import io.flowstate.jobs.webhook.Sender;
import io.flowstate.storage.Database;
import io.flowstate.storage.Dialect;
import io.flowstate.storage.Signals;
import io.flowstate.storage.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the messages of the {@link Outbox} from this node, each at least once. Thread-safe.
 *
 * <p>db-scheduler takes what is due, keeps the heartbeat and finds the deliveries of nodes that died; it is one of its own, so that receivers that keep silent do not hold
 * jobs up, nor long jobs messages. What an attempt led to is written in one transaction with the delivery's place in the queue, and only by who still holds that place; that
 * a message has arrived is written by anybody who knows it. Threads: the scheduler's own, on which it polls, and a virtual one for each attempt.
 */
public final class Courier implements AutoCloseable {
    /** Attempts at a time. */
    private static final int CONCURRENCY = 16;
    /** Of these to one host, so that one that is slow leaves room for others. */
    static final int TO_ONE_HOST = 4;

    private static final int GONE = 410;
    private static final Logger log = LoggerFactory.getLogger(Courier.class);
    /** A host that answers quickly makes room within this; for one that does not, what waits gives its own place to others. */
    private static final Duration FOR_ROOM = Duration.ofMillis(200);

    private static final Duration NO_ROOM = Duration.ofSeconds(1);
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Enough for a receiver that is well: it need not hear the message twice because a node stops. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final CompletionHandler<Void> SETTLED = (_, _) -> {};

    private final Database database;
    private final Sender sender;
    private final WebhookSecrets secrets;
    private final Receivers receivers = new Receivers(TO_ONE_HOST);
    private final Cancellation stop = new Cancellation();
    private final Scheduler scheduler;
    private final Signals.Subscription subscription;

    private Courier(Database database, Sender sender, WebhookSecrets secrets, JobsConfig config) {
        this.database = database;
        this.sender = sender;
        this.secrets = secrets;
        this.scheduler = scheduler(config);
        this.subscription = database.signals().listen(this::hear);
    }

    /** Delivers from now on. What this machine's last process was about to deliver from an embedded database is delivered at once. */
    public static Courier start(Database database, Sender sender, WebhookSecrets secrets, JobsConfig config) {
        if (database.dialect() == Dialect.SQLITE) {
            database.change(DeliveryQueue::release);
        }
        Courier courier = new Courier(database, sender, secrets, config);
        courier.scheduler.start();
        return courier;
    }

    private Scheduler scheduler(JobsConfig config) {
        CustomTask<Void> webhook = Tasks.custom(DeliveryQueue.WEBHOOK, Void.class)
                .onFailure((complete, operations) -> operations.reschedule(complete, in(AFTER_A_FAULT)))
                .onDeadExecution((complete, operations) -> {
                    // It may only seem so, after a time without the database. Then its receiver gets it twice, as it
                    // must be ready for; a run, which costs minutes, is not risked in this way: see Worker.
                    Execution lost = complete.getExecution();
                    log.warn("webhook {} was lost with its node {}; it is sent again", lost.getId(), lost.pickedBy);
                    operations.reschedule(complete, in(Duration.ZERO));
                })
                .execute(this::execute);
        return Scheduler.create(database.source(), webhook)
                .tableName(DeliveryQueue.TABLE)
                .jdbcCustomization(new FairClaim(database.dialect(), "execution_time", receivers::full))
                .clock(database.clock()::instant)
                .schedulerName(new SchedulerName.Fixed(config.node()))
                .threads(CONCURRENCY)
                .executorService(Executors.newVirtualThreadPerTaskExecutor())
                .pollUsingLockAndFetch(0.5, 1.0)
                .pollingInterval(config.poll())
                .heartbeatInterval(config.heartbeat())
                .missedHeartbeatsLimit(config.missedHeartbeats())
                .shutdownMaxWait(PATIENCE)
                .failureLogging(LogLevel.WARN, true)
                .build();
    }

    private CompletionHandler<Void> execute(TaskInstance<Void> instance, ExecutionContext context) {
        String id = instance.getId();
        long version = context.getExecution().version;
        Optional<DeliveryTable.Pending> due = database.read(sql -> DeliveryTable.pending(sql, id));
        if (due.isEmpty()) {
            database.change(tx -> DeliveryQueue.remove(tx, id, version));
            return SETTLED;
        }
        String host = DeliveryQueue.lane(due.get().url());
        if (!receivers.enter(host, FOR_ROOM)) {
            return again(NO_ROOM);
        }
        try {
            attempt(due.get(), version);
            return SETTLED;
        } catch (FlowError stopped) {
            if (stop.isCanceled()) {
                return again(Duration.ZERO);
            }
            throw stopped;
        } finally {
            receivers.leave(host);
            scheduler.triggerCheckForDueExecutions();
        }
    }

    private CompletionHandler<Void> again(Duration after) {
        return (complete, operations) -> operations.reschedule(complete, in(after));
    }

    private Instant in(Duration pause) {
        return database.clock().instant().plus(pause);
    }

    private void attempt(DeliveryTable.Pending message, long version) {
        Instant begun = in(Duration.ZERO);
        Outcome outcome = sender.send(
                new Message(message.id(), message.url(), message.body(), secrets.valid(), message.failures()), stop);
        DeliveryTable.Ended ended = ended(outcome, begun);
        database.change(tx -> settle(tx, message, version, ended));
        if (outcome instanceof Outcome.Gone) {
            giveUpOthers(message.job());
        }
    }

    private DeliveryTable.Ended ended(Outcome outcome, Instant begun) {
        Instant now = in(Duration.ZERO);
        return switch (outcome) {
            case Outcome.Delivered(int status) ->
                new DeliveryTable.Ended(
                        WebhookDelivery.Status.DELIVERED,
                        OptionalInt.of(status),
                        Optional.empty(),
                        Optional.empty(),
                        begun,
                        now);
            case Outcome.Retry(OptionalInt status, String reason, Duration pause) ->
                new DeliveryTable.Ended(
                        WebhookDelivery.Status.PENDING,
                        status,
                        Optional.of(reason),
                        Optional.of(now.plus(pause)),
                        begun,
                        now);
            case Outcome.Gone(String reason) -> dead(OptionalInt.of(GONE), reason, begun, now);
            case Outcome.Dead(OptionalInt status, String reason) -> dead(status, reason, begun, now);
        };
    }

    private static DeliveryTable.Ended dead(OptionalInt status, String reason, Instant begun, Instant now) {
        return new DeliveryTable.Ended(
                WebhookDelivery.Status.DEAD, status, Optional.of(reason), Optional.empty(), begun, now);
    }

    private static void settle(Tx tx, DeliveryTable.Pending message, long version, DeliveryTable.Ended ended) {
        String id = message.id();
        boolean retry = ended.next().isPresent();
        if (retry && message.event() == WebhookEvent.PROGRESS && DeliveryTable.isOutdated(tx.sql(), message)) {
            if (DeliveryQueue.remove(tx, id, version)) {
                DeliveryTable.remove(tx, id);
            }
            return;
        }
        boolean held = retry
                ? DeliveryQueue.putOff(tx, id, version, ended.next().get())
                : DeliveryQueue.remove(tx, id, version);
        if (held || ended.status() == WebhookDelivery.Status.DELIVERED) {
            DeliveryTable.ended(tx, id, ended);
        }
    }

    /** Each in a transaction of its own: of many that are refused at once, none waits for another. */
    private void giveUpOthers(String job) {
        for (String other : database.read(sql -> DeliveryTable.pendingOf(sql, job))) {
            database.change(tx -> {
                DeliveryQueue.remove(tx, other);
                DeliveryTable.giveUp(tx, other, "The receiver answered 410 to another message about this job.");
            });
        }
    }

    private void hear(String topic) {
        if (topic.equals(DeliveryQueue.TOPIC) || topic.equals(Signals.ANYTHING)) {
            scheduler.triggerCheckForDueExecutions();
        }
    }

    /** Begins no more, and after a moment breaks off what is still under way, so that another node, or this one later, delivers it again. */
    @Override
    public void close() {
        if (stop.isCanceled()) {
            return;
        }
        subscription.close();
        scheduler.pause();
        receivers.awaitNone(GRACE);
        stop.cancel(FlowError.of(Code.SHUTTING_DOWN, "The node stops; the message will be sent again."));
        scheduler.stop();
    }
}
