package io.flowstate.engine;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The queue in front of the native work: one run at a time, in the order of arrival, with a bounded number of places.
 *
 * <p>One at a time because a graph run uses all cores already: two at once bring no throughput and double the memory (reference measurements, docs/decisions/0004).
 *
 * <p>States of a place: taken ({@link #enter}) → waiting → running → left ({@link Place#close}). Whoever holds a place but has not asked to run yet counts as
 * waiting, so that work done before the run (reading the input once) is bounded too. Of those who have asked, the one whose place was taken first runs next: how long each
 * took to read its input changes nothing, and the lane never idles for one who is not ready.
 * Threads: {@code runner} runs what is asked, platform because native calls would pin a virtual thread's carrier; {@code companion} is a second one that a run may use for its own
 * signal processing while the graph runs. Callers block in {@link Place#run}. All fields are safe to read from any thread.
 */
final class Lane implements AutoCloseable {
    private static final Duration TURN_REPORT = Duration.ofMillis(500);

    /** What a run is taken to last before one has been seen, and how much of each new one goes into the average. */
    private static final double FIRST_GUESS_SECONDS = 10;

    private static final double NEWEST_SHARE = 0.3;

    private final int capacity;
    private final InstantSource clock;
    private final ThreadPoolExecutor runner;
    private final ExecutorService companion;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong tickets = new AtomicLong();
    private volatile double typicalSeconds = FIRST_GUESS_SECONDS;

    /** @param capacity places besides the one that runs */
    Lane(String name, int capacity, InstantSource clock) {
        this.capacity = capacity;
        this.clock = clock;
        this.runner = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new PriorityBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(name + "-run").factory());
        this.companion = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name(name + "-transform").factory());
    }

    int running() {
        return running.get();
    }

    int waiting() {
        return Math.max(0, taken.get() - running.get());
    }

    /** Runs that have been asked for and have not begun. */
    int pending() {
        return runner.getQueue().size();
    }

    int capacity() {
        return capacity;
    }

    /** How long a run lasts as a rule, and with it how long until the next place is free when all are taken. */
    Duration typicalRun() {
        return Duration.ofMillis(Math.round(Math.clamp(typicalSeconds, 1, 600) * 1000));
    }

    /** The second thread of whatever runs at the moment; only for it. */
    ExecutorService companion() {
        return companion;
    }

    /** @throws FlowError {@link Code#QUEUE_FULL} with an estimate of when a place will be free */
    Place enter() {
        if (taken.incrementAndGet() > capacity + 1) {
            taken.decrementAndGet();
            throw FlowError.of(Code.QUEUE_FULL, "The engine is busy and its queue of %d is full.", capacity)
                    .retryAfter(typicalRun())
                    .advice("Send the request again later, or raise engine.queue.");
        }
        return new Place(tickets.getAndIncrement());
    }

    /** A right to run, once. */
    final class Place implements AutoCloseable {
        private final long ticket;

        private Place(long ticket) {
            this.ticket = ticket;
        }

        /**
         * Waits for its turn and runs {@code work} on the lane's thread. A cancellation while waiting ends this at once and the work is never begun; while running, this
         * still waits for the work's own end, so that nothing is freed under a native call.
         */
        <T> T run(Cancellation cancellation, Progress.Listener progress, Supplier<T> work) {
            return runInTurn(ticket, cancellation, progress, work);
        }

        @Override
        public void close() {
            taken.decrementAndGet();
        }
    }

    /** What one who has asked to run waits for. */
    private record Turn(long ticket, Runnable work) implements Runnable, Comparable<Turn> {
        @Override
        public void run() {
            work.run();
        }

        @Override
        public int compareTo(Turn other) {
            return Long.compare(ticket, other.ticket);
        }
    }

    private <T> T runInTurn(long ticket, Cancellation cancellation, Progress.Listener progress, Supplier<T> work) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        AtomicBoolean claimed = new AtomicBoolean();
        Turn turn = new Turn(ticket, () -> {
            if (claimed.compareAndSet(false, true)) {
                execute(work, outcome);
            }
        });
        runner.execute(turn);
        try (Cancellation.Registration _ = cancellation.onCancel(() -> {
            if (claimed.compareAndSet(false, true)) {
                runner.remove(turn);
                outcome.completeExceptionally(cancellation.reason());
            }
        })) {
            return await(turn, outcome, progress);
        }
    }

    /** The run counts as ended before its caller hears of it, so that whoever looks next sees the lane as it is. */
    private <T> void execute(Supplier<T> work, CompletableFuture<T> outcome) {
        long start = clock.millis();
        running.incrementAndGet();
        Runnable tell;
        try {
            T result = work.get();
            double before = typicalSeconds;
            typicalSeconds = before + NEWEST_SHARE * ((clock.millis() - start) / 1000.0 - before);
            tell = () -> outcome.complete(result);
        } catch (RuntimeException | Error failure) {
            tell = () -> outcome.completeExceptionally(failure);
        }
        running.decrementAndGet();
        tell.run();
    }

    private <T> T await(Turn turn, CompletableFuture<T> outcome, Progress.Listener progress) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return outcome.get(TURN_REPORT.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException notYet) {
                    if (runner.getQueue().contains(turn)) {
                        progress.on(new Progress(Progress.Phase.QUEUED, before(turn) + running.get(), 0));
                    }
                } catch (InterruptedException stop) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case FlowError expected -> throw expected;
                case RuntimeException fault -> throw fault;
                case Error fault -> throw fault;
                case null, default -> throw new IllegalStateException(failed);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private long before(Turn turn) {
        return runner.getQueue().stream()
                .filter(each -> each instanceof Turn other && other.compareTo(turn) < 0)
                .count();
    }

    /** Lets what runs come to its end, which a cancellation hastens. */
    @Override
    public void close() {
        runner.close();
        companion.close();
    }
}
