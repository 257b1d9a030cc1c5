package io.flowstate.audio;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** Another reader's channels, weighted and summed into others. */
final class MixedReader implements ClipReader {
    private static final int BUFFER_FRAMES = 8192;

    private final ClipReader source;
    private final float[][] matrix;
    private final float[][] buffer;

    /** @param matrix weights, [output][input] */
    MixedReader(ClipReader source, float[][] matrix) {
        this.source = source;
        this.matrix = matrix;
        this.buffer = new float[source.channels()][BUFFER_FRAMES];
    }

    @Override
    public int channels() {
        return matrix.length;
    }

    @Override
    public int sampleRateHz() {
        return source.sampleRateHz();
    }

    @Override
    public int read(float[][] into, int offset, int max) {
        int frames = source.read(buffer, 0, Math.min(max, BUFFER_FRAMES));
        for (int out = 0; out < matrix.length; out++) {
            mix(matrix[out], into[out], offset, Math.max(frames, 0));
        }
        return frames;
    }

    private void mix(float[] weights, float[] into, int offset, int frames) {
        Arrays.fill(into, offset, offset + frames, 0);
        for (int in = 0; in < weights.length; in++) {
            float weight = weights[in];
            if (weight != 0) {
                float[] from = buffer[in];
                for (int i = 0; i < frames; i++) {
                    into[offset + i] += weight * from[i];
                }
            }
        }
    }

    @Override
    public long sourceFrames() {
        return source.sourceFrames();
    }

    @Override
    public Optional<Duration> missing() {
        return source.missing();
    }

    @Override
    public void close() {
        source.close();
    }
}
