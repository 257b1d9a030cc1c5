package io.flowstate.jobs;

import io.flowstate.core.FlowError;
import java.time.Duration;

/** How long a job waits for a store that does not take what it gives, or a host that does not give its input, and for how many tries. */
final class PutBack {
    /** For a store: over an hour, and then somebody should know. */
    static final int MOST = 20;
    /** For a host, which may be nobody's to mend: a minute or two. */
    static final int MOST_FETCHES = 6;

    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private PutBack() {}

    /** @param before tries in a row that failed for the same want */
    static Duration pause(int before) {
        Duration pause = FIRST.multipliedBy(1L << Math.min(before, 10));
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }

    /**
     * The same, for a host that may have said how long it wants to be left alone.
     *
     * @param asked by the host
     */
    static Duration pauseForHost(int before, Duration asked) {
        Duration pause = pause(before);
        Duration longer = pause.compareTo(asked) < 0 ? asked : pause;
        return longer.compareTo(LONGEST) < 0 ? longer : LONGEST;
    }

    /** What the job fails with when the host has not given its input in any try. */
    static FlowError unfetched(FlowError last) {
        FlowError failure = FlowError.of(
                        last.code(), "%s It was tried %d times in a row.", last.message(), MOST_FETCHES + 1)
                .causedBy(last);
        return last.advice().map(advice -> failure.advice("%s", advice)).orElse(failure);
    }

    /** What the job fails with when no try is left. */
    static FlowError enough(FlowError last) {
        return FlowError.of(last.code(), "%s It was tried %d times in a row.", last.message(), MOST + 1)
                .advice("The log of the server has the reason; retry the job when that is mended.")
                .causedBy(last);
    }
}
