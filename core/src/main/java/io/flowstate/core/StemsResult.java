package io.flowstate.core;

import java.time.Duration;
import java.util.List;

/**
 * A finished separation.
 *
 * @param length of the track
 * @param gain by which every output was multiplied; 1 unless {@link ClipMode#RESCALE} had to turn down
 * @param clippedSamples how many samples were limited to full scale, over all outputs and channels
 */
public record StemsResult(List<String> outputs, Duration length, int sampleRateHz, double gain, long clippedSamples)
        implements Result {
    public StemsResult {
        outputs = List.copyOf(outputs);
    }
}
