package io.flowstate.jobs;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** How many deliveries are on their way from this node to each host. Thread-safe. */
final class Receivers {
    private final int atMost;
    private final Map<String, Integer> underWay = new HashMap<>();

    /** @param atMost to one host at a time */
    Receivers(int atMost) {
        this.atMost = atMost;
    }

    /** Hosts that get no more for now. */
    synchronized Set<String> full() {
        return underWay.entrySet().stream()
                .filter(each -> each.getValue() >= atMost)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether there is room for one more to this host, now or within so long; it is then taken until {@link #leave}. */
    synchronized boolean enter(String host, Duration atMost) {
        boolean room = await(() -> underWay.getOrDefault(host, 0) < this.atMost, atMost);
        if (room) {
            underWay.merge(host, 1, Integer::sum);
        }
        return room;
    }

    synchronized void leave(String host) {
        underWay.computeIfPresent(host, (_, now) -> now == 1 ? null : now - 1);
        notifyAll();
    }

    /** Waits until nothing is under way, or for so long. */
    synchronized void awaitNone(Duration atMost) {
        boolean _ = await(underWay::isEmpty, atMost);
    }

    /** Whether it came true; whoever is interrupted waits no longer. */
    private synchronized boolean await(BooleanSupplier condition, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return true;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
