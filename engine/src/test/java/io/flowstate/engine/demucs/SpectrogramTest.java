package io.flowstate.engine.demucs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpectrogramTest {
    private static final HtDemucs SMALL = new HtDemucs(1, 500, 32, 32);

    @Test
    void analysis_equals_the_definition_written_out() {
        float[] wave = noise(2 * SMALL.size(), 7);
        FloatBuffer planes = FloatBuffer.allocate(4 * SMALL.bins() * SMALL.frames());
        Spectrogram spectrogram = new Spectrogram(SMALL);

        spectrogram.analyse(FloatBuffer.wrap(wave), planes, 0);
        spectrogram.analyse(FloatBuffer.wrap(wave), planes, 1);

        for (int channel = 0; channel < 2; channel++) {
            for (int bin = 0; bin < SMALL.bins(); bin++) {
                for (int frame = 0; frame < SMALL.frames(); frame++) {
                    double[] expected = torchStft(wave, channel * SMALL.size(), bin, frame);
                    int at = bin * SMALL.frames() + frame;
                    int plane = SMALL.bins() * SMALL.frames();
                    assertThat((double) planes.get(2 * channel * plane + at)).isCloseTo(expected[0], within(2e-6));
                    assertThat((double) planes.get((2 * channel + 1) * plane + at))
                            .isCloseTo(expected[1], within(2e-6));
                }
            }
        }
    }

    @Test
    void synthesis_undoes_analysis_but_for_the_bin_that_is_dropped() {
        // White noise has 1/64 of its power in the dropped highest bin's neighbourhood; a band-limited signal comes
        // back whole.
        float[] wave = new float[2 * SMALL.size()];
        for (int i = 0; i < SMALL.size(); i++) {
            wave[i] = (float) Math.sin(2 * Math.PI * i * 5 / 64.0);
            wave[SMALL.size() + i] = (float) Math.cos(2 * Math.PI * i * 9.5 / 64.0);
        }
        FloatBuffer planes = FloatBuffer.allocate(4 * SMALL.bins() * SMALL.frames());
        FloatBuffer time = FloatBuffer.allocate(2 * SMALL.size());
        Spectrogram spectrogram = new Spectrogram(SMALL);
        float[] back = new float[SMALL.size()];

        for (int channel = 0; channel < 2; channel++) {
            spectrogram.analyse(FloatBuffer.wrap(wave), planes, channel);
            spectrogram.synthesise(planes, time, channel, back);

            // The last and first samples lean on frames that are dropped; two frames in, all four overlap.
            for (int i = 64; i < SMALL.size() - 64; i++) {
                assertThat((double) back[i])
                        .as("channel %d sample %d", channel, i)
                        .isCloseTo(wave[channel * SMALL.size() + i], within(2e-3));
            }
        }
    }

    /** torch.stft(pad(wave), n_fft, hop, window=hann, normalized=True, center=True)[bin, frame + 2], as the reference calls it, in plain sums. */
    private static double[] torchStft(float[] wave, int start, int bin, int frame) {
        int n = SMALL.fftSize();
        int left = SMALL.hop() / 2 * 3;
        int right = left + SMALL.frames() * SMALL.hop() - SMALL.size();
        double[] padded = reflect(reflect(slice(wave, start), left, right), n / 2, n / 2);
        double real = 0;
        double imaginary = 0;
        for (int i = 0; i < n; i++) {
            double windowed = padded[(frame + 2) * SMALL.hop() + i] * 0.5 * (1 - Math.cos(2 * Math.PI * i / n));
            real += windowed * Math.cos(-2 * Math.PI * bin * i / n);
            imaginary += windowed * Math.sin(-2 * Math.PI * bin * i / n);
        }
        return new double[] {real / Math.sqrt(n), imaginary / Math.sqrt(n)};
    }

    private static double[] slice(float[] wave, int start) {
        double[] part = new double[SMALL.size()];
        for (int i = 0; i < part.length; i++) {
            part[i] = wave[start + i];
        }
        return part;
    }

    private static double[] reflect(double[] x, int left, int right) {
        double[] padded = new double[left + x.length + right];
        for (int i = 0; i < padded.length; i++) {
            int from = Math.abs(i - left);
            padded[i] = x[from < x.length ? from : 2 * (x.length - 1) - from];
        }
        return padded;
    }

    private static float[] noise(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] noise = new float[length];
        for (int i = 0; i < length; i++) {
            noise[i] = (float) random.nextDouble(-1, 1);
        }
        return noise;
    }
}
