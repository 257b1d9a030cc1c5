package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A wait between two tries. */
final class Pause {
    private Pause() {}

    /**
     * Blocks the calling thread.
     *
     * @throws FlowError the cancellation's reason, as soon as there is one
     */
    static void of(Duration length, Cancellation cancellation) {
        CountDownLatch stop = new CountDownLatch(1);
        try (Cancellation.Registration _ = cancellation.onCancel(stop::countDown)) {
            boolean _ = stop.await(length.toMillis(), TimeUnit.MILLISECONDS);
            cancellation.throwIfCanceled();
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
            throw FlowError.of(Code.CANCELED, "The wait was interrupted.").causedBy(hurry);
        }
    }
}
