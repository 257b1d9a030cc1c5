package io.flowstate.core;

import java.util.Locale;

/** How much time a separation may take to become better. Stands for the two numbers of a {@link StemsRequest} that decide it, as far as the caller does not set them. */
public enum Quality {
    /** Fewer windows: the overlap that still blends their borders. */
    FAST(0.1, 1),
    STANDARD(0.25, 1),
    /** Two passes: measured, the third and fourth bring next to nothing (docs/stems.md). */
    BEST(0.25, 2);

    private final double overlap;
    private final int shifts;

    Quality(double overlap, int shifts) {
        this.overlap = overlap;
        this.shifts = shifts;
    }

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Quality of(String id) {
        return Check.choice("quality", id, values(), Quality::id);
    }

    /** See {@link StemsRequest#overlap}. */
    public double overlap() {
        return overlap;
    }

    /** See {@link StemsRequest#shifts}. */
    public int shifts() {
        return shifts;
    }
}
