package io.flowstate.engine.demucs;

import io.flowstate.audio.Stft;
import java.nio.FloatBuffer;

/**
 * The spectral transforms that stand outside the graph, between a window's samples and the planes that the graph reads and writes. Not thread-safe; allocates nothing after
 * construction.
 *
 * <p>The window is reflect-padded by one and a half hops, so that it has {@code frames + 4} frames, of which the first and last two are dropped, as is the highest bin; on
 * the way back both are taken as silent.
 * Source: demucs 4.0.1, {@code HTDemucs._spec} and {@code _ispec}.
 */
final class Spectrogram {
    private static final int DROPPED_FRAMES = 2;

    private final HtDemucs shape;
    private final int leftPad;
    private final int rightPad;
    private final Stft stft;
    private final float[] wave;
    private final float[] padded;

    Spectrogram(HtDemucs shape) {
        this.shape = shape;
        this.leftPad = shape.hop() / 2 * 3;
        this.rightPad = leftPad + shape.frames() * shape.hop() - shape.size();
        this.stft = new Stft(shape.fftSize(), shape.hop(), shape.bins());
        this.wave = new float[shape.size()];
        this.padded = new float[leftPad + shape.size() + rightPad];
    }

    /**
     * Fills the real and imaginary plane of one channel.
     *
     * @param waves [channels][size]
     * @param planes [2 · channels][bins][frames]
     */
    void analyse(FloatBuffer waves, FloatBuffer planes, int channel) {
        waves.get(channel * shape.size(), wave);
        Stft.reflect(wave, shape.size(), leftPad, rightPad, padded);
        int plane = shape.bins() * shape.frames();
        stft.forward(
                padded,
                padded.length,
                DROPPED_FRAMES,
                shape.frames(),
                planes,
                2 * channel * plane,
                (2 * channel + 1) * plane);
    }

    /**
     * Adds both branches of one stem's channel.
     *
     * @param spectral [rows · 2][bins][frames]
     * @param time [rows][size]
     * @param row stem · channels + channel
     * @param into at least size long
     */
    void synthesise(FloatBuffer spectral, FloatBuffer time, int row, float[] into) {
        int plane = shape.bins() * shape.frames();
        stft.inverse(
                spectral,
                2 * row * plane,
                (2 * row + 1) * plane,
                DROPPED_FRAMES,
                shape.frames(),
                shape.frames() + 2 * DROPPED_FRAMES,
                leftPad,
                shape.size(),
                into);
        time.get(row * shape.size(), wave);
        for (int i = 0; i < shape.size(); i++) {
            into[i] += wave[i];
        }
    }
}
