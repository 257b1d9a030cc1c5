package io.flowstate.core.spi;

import java.time.Duration;
import java.util.Optional;

/**
 * A deployment's state at one moment.
 *
 * @param unavailable why it cannot take work now; empty when it can
 * @param warm whether a run can start without loading anything first
 * @param running runs under way
 * @param queued runs that wait
 * @param queueCapacity how many may wait; one more is refused
 * @param retryAfter how long whoever is refused for want of a place should wait before it asks again, when that can be told
 */
public record Status(
        Optional<String> unavailable,
        boolean warm,
        int running,
        int queued,
        int queueCapacity,
        Optional<Duration> retryAfter) {
    /** One that cannot tell how long its places stay taken. */
    public Status(Optional<String> unavailable, boolean warm, int running, int queued, int queueCapacity) {
        this(unavailable, warm, running, queued, queueCapacity, Optional.empty());
    }

    public static Status ready(boolean warm) {
        return new Status(Optional.empty(), warm, 0, 0, Integer.MAX_VALUE);
    }

    public static Status unavailable(String why) {
        return new Status(Optional.of(why), false, 0, 0, 0);
    }

    /** Whether one more would be refused. While nothing runs, one of those that wait is on its way out of the queue. */
    public boolean isFull() {
        return running > 0 ? queued >= queueCapacity : queued > queueCapacity;
    }
}
