package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The requests that are in the house and take their time: so many tasks and no more, from upload to answer, and any number of those who only read. A stop can wait for both and
 * then end them. Thread-safe.
 */
final class InFlight {
    private final Set<Cancellation> running = new HashSet<>();
    private final Set<Cancellation> reading = new HashSet<>();
    private final int most;
    private final Duration drain;
    private boolean draining;

    /** A task's place; closing it says that the task is over. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** @param most how many may run at a time */
    InFlight(int most, Duration drain) {
        this.most = most;
        this.drain = drain;
    }

    /** @throws FlowError {@link Code#SHUTTING_DOWN} once draining has begun, {@link Code#QUEUE_FULL} when every place is taken */
    synchronized Place enter(Cancellation cancellation) {
        requireOpen();
        if (running.size() >= most) {
            throw FlowError.of(Code.QUEUE_FULL, "The server already works on %d requests, and takes no more.", most)
                    .advice("Send the request again later, or raise server.max_in_flight.");
        }
        running.add(cancellation);
        return () -> leave(running, cancellation);
    }

    /** For who takes nobody's place. @throws FlowError {@link Code#SHUTTING_DOWN} once draining has begun */
    synchronized Place read(Cancellation cancellation) {
        requireOpen();
        reading.add(cancellation);
        return () -> leave(reading, cancellation);
    }

    private void requireOpen() {
        if (draining) {
            throw FlowError.of(Code.SHUTTING_DOWN, "The server is stopping and takes no new work.")
                    .advice("Try again when it is back, or another server.")
                    .retryAfter(drain);
        }
    }

    synchronized int tasks() {
        return running.size();
    }

    synchronized int readers() {
        return reading.size();
    }

    synchronized boolean isDraining() {
        return draining;
    }

    /** Refuses new tasks from now on, and waits for those that run; blocks for at most the drain time. */
    synchronized void drain() {
        draining = true;
        awaitNone(drain);
    }

    /** Refuses new tasks from now on, cancels what runs, and waits a little for it to end. */
    void cancelAll(Duration patience) {
        List<Cancellation> rest;
        synchronized (this) {
            draining = true;
            rest = Stream.concat(running.stream(), reading.stream()).toList();
        }
        rest.forEach(cancellation ->
                cancellation.cancel(FlowError.of(Code.SHUTTING_DOWN, "The server stopped before the work was done.")
                        .advice("Send the request again, to another server or when this one is back.")));
        synchronized (this) {
            awaitNone(patience);
        }
    }

    private synchronized void leave(Set<Cancellation> place, Cancellation cancellation) {
        place.remove(cancellation);
        notifyAll();
    }

    private synchronized void awaitNone(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            for (long left = limit.toMillis();
                    !(running.isEmpty() && reading.isEmpty()) && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
