package io.flowstate.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another thread or process is about to do, where it gives no sign that could be waited for. */
public final class Await {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(5);

    private Await() {}

    /** What is waited for. */
    @FunctionalInterface
    public interface Condition<E extends Exception> {
        boolean holds() throws E;
    }

    /** The same where the condition says what it is. */
    public static <E extends Exception> void awaitThat(Condition<E> condition) throws E {
        until("it was so", condition);
    }

    /** Fails after a minute, which is far more than anything takes in a test on a busy machine. */
    public static <E extends Exception> void until(String what, Condition<E> condition) throws E {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain until " + what);
            }
            rest(LOOK);
        }
    }

    /** Lets time pass, where that is what is tried. */
    public static void rest(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
