package io.flowstate.jobs;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How many jobs run on each provider and deployment of this node, and how many may. Thread-safe. */
final class Lanes {
    private final Map<String, Integer> limits;
    private final Map<String, Integer> running = new HashMap<>();

    /** @param limits by provider ({@code local}) or deployment ({@code local/htdemucs}) */
    Lanes(Map<String, Integer> limits) {
        this.limits = Map.copyOf(limits);
    }

    /** Those that have no room. */
    synchronized Set<String> full() {
        return limits.keySet().stream().filter(lane -> !hasRoom(lane)).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether there was room for one more on this deployment; it is then taken until {@link #leave}. */
    synchronized boolean enter(String deployment) {
        String provider = provider(deployment);
        if (!hasRoom(provider) || !hasRoom(deployment)) {
            return false;
        }
        running.merge(provider, 1, Integer::sum);
        running.merge(deployment, 1, Integer::sum);
        return true;
    }

    /** Gives a place back that {@link #enter} has given; true if there was no other. */
    synchronized boolean leave(String deployment) {
        boolean wasFull = !hasRoom(provider(deployment)) || !hasRoom(deployment);
        running.merge(provider(deployment), -1, Integer::sum);
        running.merge(deployment, -1, Integer::sum);
        return wasFull;
    }

    private boolean hasRoom(String lane) {
        return running.getOrDefault(lane, 0) < limits.getOrDefault(lane, Integer.MAX_VALUE);
    }

    private static String provider(String deployment) {
        return deployment.split("/", 2)[0];
    }
}
