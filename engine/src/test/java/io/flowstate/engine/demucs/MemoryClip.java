package io.flowstate.engine.demucs;

import io.flowstate.audio.ClipReader;
import java.time.Duration;
import java.util.Optional;

/** A clip that is already in memory, handed out in pieces of changing length. */
final class MemoryClip implements ClipReader {
    private final float[][] samples;
    private final int sampleRateHz;
    private int position;

    MemoryClip(float[][] samples, int sampleRateHz) {
        this.samples = samples;
        this.sampleRateHz = sampleRateHz;
    }

    @Override
    public int channels() {
        return samples.length;
    }

    @Override
    public int sampleRateHz() {
        return sampleRateHz;
    }

    @Override
    public int read(float[][] into, int offset, int max) {
        int left = samples[0].length - position;
        if (left == 0) {
            return -1;
        }
        int count = Math.min(Math.min(max, left), 1 + position % 5_000);
        for (int channel = 0; channel < samples.length; channel++) {
            System.arraycopy(samples[channel], position, into[channel], offset, count);
        }
        position += count;
        return count;
    }

    @Override
    public long sourceFrames() {
        return position;
    }

    @Override
    public Optional<Duration> missing() {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
