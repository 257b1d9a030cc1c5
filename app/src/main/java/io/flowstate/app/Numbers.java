package io.flowstate.app;

import java.time.Duration;
import java.util.Locale;

/** How quantities are shown to a person; the same in every language setting. */
final class Numbers {
    private Numbers() {}

    /** Like {@code 24.3 s} or {@code 1:02:03}. */
    static String time(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return seconds < 3600
                ? "%d:%02d min".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d h".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    /** In units of thousands, like {@code 174.3 MB}. */
    static String bytes(long count) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        int unit = 0;
        double scaled = (double) count;
        while (scaled >= 1000 && unit < units.length - 1) {
            scaled /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", scaled, units[unit]);
    }

    static String decimal(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
