package io.flowstate.models;

import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Progress.Phase;

/** Counts the bytes of one pull or verification for whoever watches. A source that fails takes its bytes back. Used by the working thread alone. */
final class Meter {
    private final Phase phase;
    private final Progress.Listener listener;
    private long done;
    private long total;

    Meter(Phase phase, Progress.Listener listener) {
        this.phase = phase;
        this.listener = listener;
    }

    /** Starts to count anew, towards a total that is 0 when it is not known. */
    void start(long totalBytes) {
        total = totalBytes;
        at(0);
    }

    void add(long bytes) {
        at(done + bytes);
    }

    /** @param bytes done since the start */
    void at(long bytes) {
        done = bytes;
        listener.on(new Progress(phase, done, total));
    }

    long done() {
        return done;
    }
}
