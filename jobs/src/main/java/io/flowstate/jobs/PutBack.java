package io.flowstate.jobs;

import io.flowstate.core.FlowError;
import java.time.Duration;

/** How long a job waits for a store that does not take what it gives, and for how many tries. */
final class PutBack {
    /** Over an hour, and then somebody should know. */
    static final int MOST = 20;

    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private PutBack() {}

    /** @param before tries in a row that failed for the same want */
    static Duration pause(int before) {
        Duration pause = FIRST.multipliedBy(1L << Math.min(before, 10));
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }

    /** What the job fails with when no try is left. */
    static FlowError enough(FlowError last) {
        return FlowError.of(last.code(), "%s It was tried %d times in a row.", last.message(), MOST + 1)
                .advice("The log of the server has the reason; retry the job when that is mended.")
                .causedBy(last);
    }
}
