package io.flowstate.app;

import io.flowstate.core.Quality;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How much work is put into a separation. */
final class QualityOptions {
    @Option(
            names = "--quality",
            paramLabel = "QUALITY",
            completionCandidates = Candidates.Qualities.class,
            description = "fast (overlap 0.1), standard (0.25) or best (0.25, and two shifts: twice as long)."
                    + " --overlap and --shifts overrule it. Default: standard.")
    String quality = Quality.STANDARD.id();

    @Option(
            names = "--overlap",
            paramLabel = "SHARE",
            description =
                    "Share of a segment that the next one covers again, 0 to 0.95; more is slower and a little better. Default: by quality.")
    Optional<Double> overlap = Optional.empty();

    @Option(
            names = "--shifts",
            paramLabel = "N",
            description =
                    "Separate N times at random offsets and average, 1 to 10: N times slower, a little better. Default: by quality.")
    Optional<Integer> shifts = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of these offsets; the same seed gives the same result. Default: 0.")
    long seed;

    double effectiveOverlap() {
        return overlap.orElse(Quality.of(quality).overlap());
    }

    int effectiveShifts() {
        return shifts.orElse(Quality.of(quality).shifts());
    }
}
