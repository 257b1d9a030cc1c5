package io.flowstate.egress;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stops one piece of work when its caller says so or its time is up, whichever comes first. Close it when the work is over. */
final class TimeLimit implements AutoCloseable {
    private final Cancellation stop = new Cancellation();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Cancellation.Registration caller;

    /** @param late the reason when the time is up */
    TimeLimit(Duration limit, FlowError late, Cancellation byCaller) {
        caller = byCaller.onCancel(() -> stop.cancel(byCaller.reason()));
        Thread.ofVirtual().name("egress-limit").start(() -> watch(limit, late));
    }

    Cancellation stop() {
        return stop;
    }

    private void watch(Duration limit, FlowError late) {
        try {
            if (!over.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                stop.cancel(late);
            }
        } catch (InterruptedException nobodyDoesThat) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        caller.close();
        over.countDown();
    }
}
