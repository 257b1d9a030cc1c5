package io.flowstate.storage;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Time that never goes back and is the same for all who share a reference, however this machine's own clock jumps. It runs by the machine's monotonic counter from the
 * last look at the reference; a reference that is ahead is followed (a machine that was asleep), one that is behind is not. Thread-safe.
 */
final class SteadyClock extends Clock {
    private static final Logger log = LoggerFactory.getLogger(SteadyClock.class);
    private static final Duration NOTEWORTHY = Duration.ofSeconds(5);

    private final InstantSource reference;
    private final LongSupplier nanos;
    private Instant anchor;
    private long anchorNanos;

    /**
     * @param reference looked at each time; one that cannot be asked so often stays at its start and is told of with {@link #look}
     * @param nanos a monotonic counter, such as {@link System#nanoTime}
     */
    SteadyClock(InstantSource reference, LongSupplier nanos) {
        this.reference = reference;
        this.nanos = nanos;
        this.anchor = reference.instant();
        this.anchorNanos = nanos.getAsLong();
    }

    /** Goes on from the reference's time, if that is later. */
    synchronized void look(Instant shown) {
        Duration ahead = Duration.between(running(), shown);
        if (ahead.isPositive()) {
            if (ahead.compareTo(NOTEWORTHY) > 0) {
                log.warn("the clock went forward by {}; following it", ahead);
            }
            anchor = shown;
            anchorNanos = nanos.getAsLong();
        }
    }

    @Override
    public synchronized Instant instant() {
        look(reference.instant());
        return running();
    }

    private Instant running() {
        return anchor.plusNanos(nanos.getAsLong() - anchorNanos);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("times are UTC");
    }
}
