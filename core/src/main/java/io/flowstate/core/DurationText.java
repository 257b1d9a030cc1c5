package io.flowstate.core;

import java.time.Duration;
import java.util.Locale;

/** How a length of time is told to a person: the same in every language setting. */
public final class DurationText {
    private DurationText() {}

    /** Like {@code 250 ms}, {@code 24.3 s}, {@code 4:05 min} or {@code 1:02:03 h}. */
    public static String of(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 1) {
            return duration.toMillis() + " ms";
        }
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d h", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
