package io.flowstate.jobs;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How often something has happened on this node since it started. Thread-safe. */
public final class Tally {
    /** What is counted. */
    public enum Event {
        /** A job ended here and had succeeded. */
        SUCCEEDED,
        /** A job ended here and had failed. */
        FAILED,
        /** A job ended here because somebody canceled it. */
        CANCELED,
        /** A job went back into the queue: the node stopped, or had no room, no store, or no input from a host. */
        PUT_BACK,
        /** This node noticed that another had died with a job. */
        LOST,
        /** What had expired was removed. */
        SWEPT,
        /** That could not be done to its end. */
        SWEEP_FAILED
    }

    private final Map<Event, LongAdder> counts = Arrays.stream(Event.values())
            .collect(Collectors.toUnmodifiableMap(Function.identity(), _ -> new LongAdder()));

    void count(Event event) {
        of(event).increment();
    }

    /** Counts a job's end. */
    void count(Job.Status end) {
        count(Event.valueOf(end.name()));
    }

    /** The number of an event so far. */
    public long get(Event event) {
        return of(event).sum();
    }

    private LongAdder of(Event event) {
        LongAdder count = counts.get(event);
        if (count == null) {
            throw new IllegalArgumentException(event.name());
        }
        return count;
    }
}
