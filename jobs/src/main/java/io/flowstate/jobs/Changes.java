package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Signals;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets threads wait for the next change of a job, wherever it is made. Thread-safe. */
final class Changes implements AutoCloseable {
    private final Map<String, Set<Watch>> watches = new ConcurrentHashMap<>();
    private final Signals.Subscription subscription;

    Changes(Signals signals) {
        this.subscription = signals.listen(this::hear);
    }

    /** Sees every change from the moment it was begun. */
    final class Watch implements AutoCloseable {
        private final String topic;
        private final Semaphore changed = new Semaphore(0);

        private Watch(String topic) {
            this.topic = topic;
        }

        /**
         * Waits for a change since the last call, or since the beginning; at most so long. Whether there was one, as far as is known.
         *
         * @throws FlowError {@code CANCELED} if the thread is interrupted, since whoever waits in a loop would otherwise not wait any more
         */
        boolean await(Duration atMost) {
            try {
                if (changed.tryAcquire(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS)) {
                    changed.drainPermits();
                    return true;
                }
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw FlowError.of(Code.CANCELED, "The wait for a change was broken off.")
                        .causedBy(stop);
            }
            return false;
        }

        /** Lets whoever waits look again, although nothing has changed. */
        void wake() {
            changed.release();
        }

        @Override
        public void close() {
            watches.computeIfPresent(topic, (_, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }

    Watch watch(String job) {
        Watch watch = new Watch(JobTable.topic(job));
        watches.compute(watch.topic, (_, all) -> {
            Set<Watch> present = all == null ? ConcurrentHashMap.newKeySet() : all;
            present.add(watch);
            return present;
        });
        return watch;
    }

    private void hear(String topic) {
        if (topic.equals(Signals.ANYTHING)) {
            watches.values().forEach(all -> all.forEach(watch -> watch.changed.release()));
        } else {
            watches.getOrDefault(topic, Set.of()).forEach(watch -> watch.changed.release());
        }
    }

    @Override
    public void close() {
        subscription.close();
    }
}
