package io.flowstate.engine;

import io.flowstate.audio.ClipReader;
import java.util.Arrays;

/** Whole clips in memory, for comparisons. */
public final class Samples {
    private Samples() {}

    public static float[][] readAll(ClipReader reader) {
        float[][] samples = new float[reader.channels()][1 << 16];
        int length = 0;
        for (int got = 0; got >= 0; length += Math.max(got, 0)) {
            if (samples[0].length - length < 1 << 14) {
                for (int channel = 0; channel < samples.length; channel++) {
                    samples[channel] = Arrays.copyOf(samples[channel], 2 * samples[channel].length);
                }
            }
            got = reader.read(samples, length, 1 << 14);
        }
        for (int channel = 0; channel < samples.length; channel++) {
            samples[channel] = Arrays.copyOf(samples[channel], length);
        }
        return samples;
    }

    /** 10·log10(Σ reference² / Σ (reference − estimate)²) over both channels of [from, to), in dB. */
    public static double signalToError(float[][] reference, float[][] estimate, int from, int to) {
        double signal = 0;
        double error = 0;
        for (int channel = 0; channel < reference.length; channel++) {
            for (int i = from; i < to; i++) {
                double r = reference[channel][i];
                double e = r - estimate[channel][i];
                signal += r * r;
                error += e * e;
            }
        }
        return 10 * Math.log10(signal / error);
    }
}
