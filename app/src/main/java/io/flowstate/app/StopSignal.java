package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into a cancellation while it is open. The JVM then waits until the work has ended and this is closed, at most for a grace,
 * and exits with 130 or 143, as it does by itself on these signals.
 */
final class StopSignal implements AutoCloseable {
    /** Enough to stop what runs in this process. */
    static final Duration SHORT = Duration.ofMillis(900);

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    /** With a short grace, and nothing to do after it. */
    StopSignal(Cancellation cancellation) {
        this(cancellation, SHORT, () -> {});
    }

    /** @param lastly runs on the signal's thread when the work has ended or the grace is over */
    StopSignal(Cancellation cancellation, Duration grace, Runnable lastly) {
        hook = new Thread(
                () -> {
                    cancellation.cancel(FlowError.of(Code.CANCELED, "Stopped."));
                    try {
                        boolean _ = ended.await(grace.toMillis(), TimeUnit.MILLISECONDS);
                    } catch (InterruptedException hurry) {
                        Thread.currentThread().interrupt();
                    }
                    lastly.run();
                },
                "stop-signal");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            // The hook is already at work; it needs no removal.
        }
    }
}
