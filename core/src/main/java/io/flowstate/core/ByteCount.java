package io.flowstate.core;

import java.util.List;
import java.util.Locale;

/** How a number of bytes is told to a person: the same in every language setting. */
public final class ByteCount {
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

    private ByteCount() {}

    /** Like {@code 174.3 MB}: in units of thousands, as package registries and file managers count. */
    public static String text(long bytes) {
        int unit = 0;
        double scaled = bytes;
        while (scaled >= 1000 && unit < UNITS.size() - 1) {
            scaled /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", scaled, UNITS.get(unit));
    }
}
