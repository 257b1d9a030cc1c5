package io.flowstate.core;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A finished separation.
 *
 * @param length of the track
 * @param gain by which every output was multiplied; 1 unless {@link ClipMode#RESCALE} had to turn down
 * @param clippedSamples how many samples were limited to full scale, over all outputs and channels
 * @param missing how much earlier the file ended than it announces; empty if it is whole, or of a kind that does not say
 */
public record StemsResult(
        List<String> outputs,
        Duration length,
        int sampleRateHz,
        double gain,
        long clippedSamples,
        Optional<Duration> missing)
        implements Result {
    public StemsResult {
        outputs = List.copyOf(outputs);
    }

    /** Of a whole file. */
    public StemsResult(List<String> outputs, Duration length, int sampleRateHz, double gain, long clippedSamples) {
        this(outputs, length, sampleRateHz, gain, clippedSamples, Optional.empty());
    }
}
