package io.flowstate.bench;

import java.util.Collection;

/** What programs are compared by; less of it is better. */
enum Quantity {
    WALL("wall_s", "wall", "s"),
    CPU("cpu_s", "CPU", "s"),
    RSS("peak_rss_gb", "peak RSS", "GB");

    /** Its name in data. */
    final String key;

    /** Its name in tables. */
    final String title;

    final String unit;

    Quantity(String key, String title, String unit) {
        this.key = key;
        this.title = title;
        this.unit = unit;
    }

    double of(Usage usage) {
        return switch (this) {
            case WALL -> usage.wallSeconds();
            case CPU -> usage.cpuSeconds();
            case RSS -> usage.peakRssBytes() / 1e9;
        };
    }

    double median(Collection<Usage> runs) {
        return Statistics.median(runs.stream().map(this::of).toList());
    }

    /** Noise only ever adds, so on a shared machine the smallest of a few is closest to what a program needs. */
    double minimum(Collection<Usage> runs) {
        return runs.stream().mapToDouble(this::of).min().orElseThrow();
    }
}
