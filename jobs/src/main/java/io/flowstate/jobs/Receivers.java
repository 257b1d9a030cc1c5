package io.flowstate.jobs;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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

    /** Whether there was room for one more to this host; it is then taken until {@link #leave}. */
    synchronized boolean enter(String host) {
        int now = underWay.getOrDefault(host, 0);
        if (now >= atMost) {
            return false;
        }
        underWay.put(host, now + 1);
        return true;
    }

    synchronized void leave(String host) {
        underWay.computeIfPresent(host, (_, now) -> now == 1 ? null : now - 1);
        notifyAll();
    }

    /** Waits until nothing is under way, or for so long. */
    synchronized void awaitNone(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try {
            for (long left = atMost.toMillis(); left > 0 && !underWay.isEmpty(); ) {
                wait(left);
                left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
