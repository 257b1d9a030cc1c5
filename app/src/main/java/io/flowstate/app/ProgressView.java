package io.flowstate.app;

import io.flowstate.core.ByteCount;
import io.flowstate.core.spi.Progress;
import java.time.InstantSource;
import java.util.Locale;

/** Shows on the error stream how far the work is. One view for one track; used by one thread at a time. */
interface ProgressView extends Progress.Listener, AutoCloseable {
    /** Takes away what is not to stay on the screen. */
    @Override
    void close();

    /** Nothing at all, bars on a terminal, and otherwise a line now and then. */
    static ProgressView of(Terminal terminal, boolean quiet, String label, InstantSource clock) {
        if (quiet) {
            return new Silent();
        }
        return terminal.isInteractive()
                ? new ProgressBars(terminal, label, clock)
                : new ProgressLines(terminal, label, clock);
    }

    /** For {@code --quiet}. */
    record Silent() implements ProgressView {
        @Override
        public void on(Progress progress) {}

        @Override
        public void close() {}
    }

    /** The phase in a word. */
    static String verb(Progress.Phase phase) {
        return switch (phase) {
            case QUEUED -> "waiting";
            case SENDING -> "sending";
            case PULLING -> "fetching the model";
            case VERIFYING -> "verifying the model";
            case OPTIMIZING -> "fitting the model to this machine, once";
            case LOADING -> "loading the model";
            case READING -> "reading";
            case SEPARATING -> "separating";
            case WRITING -> "finishing";
            case RECEIVING -> "fetching the results";
            case RECONNECTING -> "waiting for the server";
        };
    }

    /** How fast a phase goes, in words that fit its unit (a real-time factor is time divided by length, so lower is faster); empty where it has none or nothing is known yet. */
    static String speed(Progress progress, double seconds) {
        if (seconds <= 0 || progress.done() <= 0) {
            return "";
        }
        return switch (progress.phase()) {
            case SENDING, PULLING, VERIFYING, RECEIVING -> ByteCount.text(Math.round(progress.done() / seconds)) + "/s";
            case SEPARATING -> String.format(Locale.ROOT, "real-time factor %.2f", seconds / progress.done());
            case QUEUED -> "%.0f ahead".formatted(progress.done());
            case READING, OPTIMIZING, LOADING, WRITING, RECONNECTING -> "";
        };
    }
}
