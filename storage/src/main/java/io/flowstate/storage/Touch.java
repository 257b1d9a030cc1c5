package io.flowstate.storage;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;

/** Since when this process has heard from the database without a break. Thread-safe. */
final class Touch {
    /** Where there can be no break. */
    static final Duration ALWAYS = ChronoUnit.FOREVER.getDuration();
    /** A silence that is a break, if it was this process that stood still and no connection that was lost. */
    private static final Duration SILENCE = Duration.ofSeconds(4);

    private final LongSupplier nanos;
    private long last;
    private long since;
    private boolean broken;
    private boolean away;

    /** @param nanos a monotonic counter, such as {@link System#nanoTime} */
    Touch(LongSupplier nanos) {
        this.nanos = nanos;
        this.last = nanos.getAsLong();
    }

    /** The database has said something. */
    synchronized void heard() {
        if (isSilent()) {
            renewed();
        }
        last = nanos.getAsLong();
    }

    /** The connection is lost; other connections may be back before this one is. */
    synchronized void lost() {
        away = true;
    }

    /** It is heard again, after the connection was lost. */
    synchronized void renewed() {
        away = false;
        broken = true;
        last = nanos.getAsLong();
        since = last;
    }

    private boolean isSilent() {
        return nanos.getAsLong() - last > SILENCE.toNanos();
    }

    /** Nothing during a break, and {@link #ALWAYS} if there was none. */
    synchronized Duration unbroken() {
        if (away || isSilent()) {
            return Duration.ZERO;
        }
        return broken ? Duration.ofNanos(nanos.getAsLong() - since) : ALWAYS;
    }
}
