package io.flowstate.audio;

/**
 * The shape of planar samples.
 *
 * @param channels 1 or 2
 */
public record Layout(int sampleRateHz, int channels) {
    public Layout {
        if (sampleRateHz < 1_000 || sampleRateHz > 768_000) {
            throw new IllegalArgumentException("sample rate " + sampleRateHz);
        }
        if (channels != 1 && channels != 2) {
            throw new IllegalArgumentException("channels " + channels);
        }
    }
}
