package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.DurationText;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.spi.Progress;
import java.net.URI;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for a server that is away, until it has been away for too long. It keeps what it has taken in when it is started anew. Used by one thread. */
final class Patience {
    static final Duration USUAL = Duration.ofMinutes(2);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Logger log = LoggerFactory.getLogger(Patience.class);

    private final URI server;
    private final Duration limit;
    private boolean isAway;
    private long since;

    /** @param limit for one absence */
    Patience(URI server, Duration limit) {
        this.server = server;
        this.limit = limit;
    }

    /** The server is here again. */
    void end() {
        isAway = false;
    }

    /** Whether the server is away. */
    boolean isTried() {
        return isAway;
    }

    /** Whether there is time for another try, now that one has failed. */
    boolean isLeft() {
        if (!isAway) {
            isAway = true;
            since = System.nanoTime();
        }
        return System.nanoTime() - since < limit.toNanos();
    }

    /**
     * Waits before another try, and says so.
     *
     * @param asked how long the server wants to be left alone
     * @throws FlowError the cancellation's reason
     */
    void rest(FlowError why, Duration asked, Progress.Listener listener, Cancellation cancellation) {
        log.info("{}: {}", server, Reason.of(why));
        listener.on(new Progress(Progress.Phase.RECONNECTING, 0, 0));
        Pause.of(asked.compareTo(BETWEEN_TRIES) > 0 ? asked : BETWEEN_TRIES, cancellation);
    }

    /** What to say when there is no time left; what to do is for the caller to add. */
    FlowError exhausted(FlowError why) {
        return FlowError.of(Code.UNAVAILABLE, "The server at %s has been away for %s.", server, DurationText.of(limit))
                .causedBy(why);
    }
}
