package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits between two tries. Blocks the calling thread. */
@FunctionalInterface
interface Pause {
    /** @throws FlowError the cancellation's reason, as soon as there is one */
    void of(Duration length, Cancellation cancellation);

    Pause REAL = (length, cancellation) -> {
        CountDownLatch stop = new CountDownLatch(1);
        try (Cancellation.Registration _ = cancellation.onCancel(stop::countDown)) {
            if (stop.await(length.toMillis(), TimeUnit.MILLISECONDS)) {
                cancellation.throwIfCanceled();
            }
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    };

    /** An interrupt is a wish to stop that came without a reason. */
    static FlowError interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return FlowError.of(Code.CANCELED, "The thread that fetched the model was interrupted.")
                .causedBy(cause);
    }
}
