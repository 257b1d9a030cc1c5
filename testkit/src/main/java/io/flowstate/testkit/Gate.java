package io.flowstate.testkit;

import io.flowstate.core.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A point in a fake's run at which it stays until the test lets it go on. Thread-safe; opens once and stays open. */
public final class Gate {
    private static final long LIMIT_SECONDS = 30;

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    /** Lets everybody through, now and later. */
    public void open() {
        open.countDown();
    }

    /** Blocks the test until somebody stands at the gate. */
    public void awaitReached() {
        await(reached, "nobody came to the gate");
    }

    /** Blocks the fake until the gate opens, or throws the reason for which its work was stopped. */
    public void pass(Cancellation cancellation) {
        reached.countDown();
        try (Cancellation.Registration _ = cancellation.onCancel(open::countDown)) {
            await(open, "the gate was never opened");
        }
        cancellation.throwIfCanceled();
    }

    private static void await(CountDownLatch latch, String otherwise) {
        try {
            if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(otherwise);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new AssertionError(otherwise, stop);
        }
    }
}
