package io.flowstate.storage;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Time that is the same for all who share a reference, however this machine's own clock jumps. It runs by the machine's monotonic counter from the last look at the reference.
 * A reference that is ahead is followed (a machine that was asleep). One that is behind is not, so that time does not go back, unless it is shared and was put back for all
 * who look at it: those who come later begin with that time, and whoever kept another would take them for dead. Thread-safe.
 */
final class SteadyClock extends Clock {
    private static final Logger log = LoggerFactory.getLogger(SteadyClock.class);
    private static final Duration NOTEWORTHY = Duration.ofSeconds(5);

    private final Optional<InstantSource> machine;
    private final LongSupplier nanos;
    private Instant anchor;
    private long anchorNanos;

    /**
     * By the machine's clock, which is looked at each time.
     *
     * @param nanos a monotonic counter, such as {@link System#nanoTime}
     */
    SteadyClock(InstantSource machine, LongSupplier nanos) {
        this(Optional.of(machine), machine.instant(), nanos);
    }

    /** By a clock that others share and that cannot be asked so often: what it shows is told with {@link #agree}. */
    SteadyClock(Instant start, LongSupplier nanos) {
        this(Optional.empty(), start, nanos);
    }

    private SteadyClock(Optional<InstantSource> machine, Instant start, LongSupplier nanos) {
        this.machine = machine;
        this.nanos = nanos;
        this.anchor = start;
        this.anchorNanos = nanos.getAsLong();
    }

    /** Goes on from the reference's time, if that is later. */
    private void look(Instant shown) {
        Duration ahead = Duration.between(running(), shown);
        if (ahead.isPositive()) {
            if (ahead.compareTo(NOTEWORTHY) > 0) {
                log.warn("the clock went forward by {}; following it", ahead);
            }
            anchor = shown;
            anchorNanos = nanos.getAsLong();
        }
    }

    /** Goes on from the time of a reference that others share, also if it was put back. */
    synchronized void agree(Instant shown) {
        Duration behind = Duration.between(shown, running());
        if (behind.compareTo(NOTEWORTHY) > 0) {
            log.warn("the database's clock went back by {}; following it", behind);
            anchor = shown;
            anchorNanos = nanos.getAsLong();
        } else {
            look(shown);
        }
    }

    @Override
    public synchronized Instant instant() {
        machine.ifPresent(clock -> look(clock.instant()));
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
