package io.flowstate.core;

import java.util.List;
import java.util.Locale;

/** How a number of bytes is told to a person: the same in every language setting. */
public final class ByteCount {
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");
    private static final List<String> MEMORY_UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");

    private ByteCount() {}

    /** Like {@code 174.3 MB}: in units of thousands, as package registries and file managers count. */
    public static String text(long bytes) {
        return text(bytes, 1000, UNITS);
    }

    /** Like {@code 512 MiB} or {@code 2.5 GiB}: in units of 1024, as limits of memory are set. */
    public static String memory(long bytes) {
        return text(bytes, 1024, MEMORY_UNITS);
    }

    private static String text(long bytes, int step, List<String> units) {
        int unit = 0;
        double scaled = bytes;
        while (scaled >= step && unit < units.size() - 1) {
            scaled /= step;
            unit++;
        }
        boolean whole = unit == 0 || (step == 1024 && scaled == Math.rint(scaled));
        return String.format(Locale.ROOT, whole ? "%.0f %s" : "%.1f %s", scaled, units.get(unit));
    }
}
