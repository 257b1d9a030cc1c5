package io.flowstate.jobs;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How many jobs run on each provider and deployment of this node, and how many may. Thread-safe.
 *
 * <p>Jobs are claimed before their lanes are known, some at once, and each then enters from a thread of its own. So that none is claimed for a lane that has no room, which
 * would let one that was behind it in the queue go first, no more are claimed than any lane has room for, those that have not entered yet included.
 */
final class Lanes implements FairClaim.Vacancies {
    private final Map<String, Integer> limits;
    private final Map<String, Integer> running = new HashMap<>();
    /** Threads of jobs that were claimed and have not entered. */
    private final Set<Thread> claimed = new HashSet<>();

    private boolean hasClaimedLess;

    /** @param limits by provider ({@code local}) or deployment ({@code local/htdemucs}) */
    Lanes(Map<String, Integer> limits) {
        this.limits = Map.copyOf(limits);
    }

    @Override
    public synchronized Set<String> full() {
        return limits.keySet().stream().filter(lane -> !hasRoom(lane)).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public synchronized int claimable(int wanted) {
        int room = limits.keySet().stream()
                .filter(this::hasRoom)
                .mapToInt(this::room)
                .min()
                .orElse(Integer.MAX_VALUE);
        int claimable = Math.clamp(room - (long) claimed.size(), 0, wanted);
        hasClaimedLess = claimable < wanted;
        return claimable;
    }

    /** Whether fewer were claimed the last time than could be now that all of those have entered; said once. */
    synchronized boolean hasMoreToClaim() {
        boolean more = hasClaimedLess && claimed.isEmpty();
        if (more) {
            hasClaimedLess = false;
        }
        return more;
    }

    /** A job was claimed and will enter from that thread. */
    synchronized void await(Thread thread) {
        claimed.add(thread);
    }

    /** The job of the calling thread does not enter, or has. */
    synchronized void forget() {
        claimed.remove(Thread.currentThread());
    }

    /** Whether there was room for one more on this deployment; it is then taken until {@link #leave}. */
    synchronized boolean enter(String deployment) {
        String provider = provider(deployment);
        forget();
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
        return room(lane) > 0;
    }

    private int room(String lane) {
        return limits.getOrDefault(lane, Integer.MAX_VALUE) - running.getOrDefault(lane, 0);
    }

    private static String provider(String deployment) {
        return deployment.split("/", 2)[0];
    }
}
