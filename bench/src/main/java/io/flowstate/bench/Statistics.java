package io.flowstate.bench;

import java.util.Arrays;
import java.util.Collection;

/** Order statistics of a few numbers. */
final class Statistics {
    private Statistics() {}

    static double median(Collection<Double> values) {
        return quantile(values.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
    }

    /** The value below which the share {@code q} of all lies, interpolated between neighbours. */
    static double quantile(double[] values, double q) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = q * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
