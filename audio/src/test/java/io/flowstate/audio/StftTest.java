package io.flowstate.audio;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.TestAudio;
import java.nio.FloatBuffer;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StftTest {
    /** Sizes that are powers of two, products of small primes, and neither; hops that divide the size and one that does not. */
    @ParameterizedTest
    @CsvSource({"16, 4, 50", "64, 16, 333", "60, 20, 200", "22, 7, 150"})
    void the_spectrum_is_that_of_the_definition(int size, int hop, int samples) {
        float[] signal = TestAudio.noise(1, samples, 5)[0];
        Stft stft = new Stft(size, hop, size / 2 + 1);
        int frames = stft.frames(samples);
        int bins = size / 2 + 1;
        FloatBuffer spectrum = FloatBuffer.allocate(2 * bins * frames);

        stft.forward(signal, samples, 0, frames, spectrum, 0, bins * frames);

        double[][][] expected = naive(signal, size, hop, frames);
        for (int bin = 0; bin < bins; bin++) {
            for (int f = 0; f < frames; f++) {
                // A value of this size has 2^-25 of rounding when it becomes a float.
                Offset<Double> rounding = Offset.offset(1e-7);
                assertThat((double) spectrum.get(bin * frames + f)).isCloseTo(expected[bin][f][0], rounding);
                assertThat((double) spectrum.get((bins + bin) * frames + f)).isCloseTo(expected[bin][f][1], rounding);
            }
        }
    }

    @Test
    void some_frames_and_bins_are_the_same_as_those_among_all() {
        float[] signal = TestAudio.noise(1, 4000, 6)[0];
        int all = new Stft(64, 16, 33).frames(4000);
        FloatBuffer whole = FloatBuffer.allocate(2 * 33 * all);
        new Stft(64, 16, 33).forward(signal, 4000, 0, all, whole, 0, 33 * all);
        FloatBuffer part = FloatBuffer.allocate(10 + 2 * 32 * 77);

        new Stft(64, 16, 32).forward(signal, 4000, 2, 77, part, 10, 10 + 32 * 77);

        for (int bin = 0; bin < 32; bin++) {
            for (int f = 0; f < 77; f++) {
                assertThat(part.get(10 + bin * 77 + f)).isEqualTo(whole.get(bin * all + f + 2));
                assertThat(part.get(10 + (32 + bin) * 77 + f)).isEqualTo(whole.get((33 + bin) * all + f + 2));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"16, 4, 50", "64, 16, 333", "60, 20, 200", "4096, 1024, 30000"})
    void the_inverse_of_the_spectrum_is_the_signal(int size, int hop, int samples) {
        float[] signal = TestAudio.noise(1, samples, 7)[0];
        Stft stft = new Stft(size, hop, size / 2 + 1);
        int frames = stft.frames(samples);
        int plane = (size / 2 + 1) * frames;
        FloatBuffer spectrum = FloatBuffer.allocate(2 * plane);
        float[] back = new float[samples];

        stft.forward(signal, samples, 0, frames, spectrum, 0, plane);
        stft.inverse(spectrum, 0, plane, 0, frames, frames, 0, samples, back);

        // What is lost is the rounding of the spectrum to floats.
        assertThat(Workshop.snr(new float[][] {signal}, new float[][] {back})).isGreaterThan(140);
    }

    @Test
    void the_inverse_is_that_of_the_definition_for_any_spectrum_and_any_part() {
        int size = 16;
        int hop = 4;
        int all = 40;
        int given = 33;
        int bins = 8;
        float[][] planes = TestAudio.noise(2, bins * given, 8);
        FloatBuffer spectrum = FloatBuffer.allocate(2 * bins * given);
        spectrum.put(0, planes[0]).put(bins * given, planes[1]);
        float[] part = new float[100];

        new Stft(size, hop, bins).inverse(spectrum, 0, bins * given, 2, given, all, 30, 100, part);

        double[] expected = naiveInverse(planes, size, hop, bins, 2, given, all);
        for (int i = 0; i < 100; i++) {
            assertThat((double) part[i]).isCloseTo(expected[size / 2 + 30 + i], Offset.offset(1e-6));
        }
    }

    @Test
    void the_same_instance_gives_the_same_again() {
        float[] signal = TestAudio.noise(1, 500, 9)[0];
        Stft stft = new Stft(64, 16, 32);
        int frames = stft.frames(500);
        FloatBuffer first = FloatBuffer.allocate(2 * 32 * frames);
        FloatBuffer second = FloatBuffer.allocate(2 * 32 * frames);
        float[] back = new float[500];

        stft.forward(signal, 500, 0, frames, first, 0, 32 * frames);
        stft.inverse(first, 0, 32 * frames, 0, frames, frames, 0, 500, back);
        stft.forward(signal, 500, 0, frames, second, 0, 32 * frames);

        assertThat(second.array()).isEqualTo(first.array());
    }

    @Test
    void reflection_does_not_repeat_the_edge() {
        float[] padded = new float[9];

        Stft.reflect(new float[] {1, 2, 3, 4}, 4, 2, 3, padded);

        assertThat(padded).containsExactly(3, 2, 1, 2, 3, 4, 3, 2, 1);
    }

    /** The definition, without a fast transform: [bin][frame][re, im]. */
    private static double[][][] naive(float[] signal, int size, int hop, int frames) {
        float[] padded = new float[signal.length + size];
        Stft.reflect(signal, signal.length, size / 2, size / 2, padded);
        double[][][] spectrum = new double[size / 2 + 1][frames][2];
        for (int bin = 0; bin <= size / 2; bin++) {
            for (int f = 0; f < frames; f++) {
                for (int i = 0; i < size; i++) {
                    double value = hann(i, size) * padded[f * hop + i] / Math.sqrt(size);
                    spectrum[bin][f][0] += value * Math.cos(2 * Math.PI * bin * i / size);
                    spectrum[bin][f][1] -= value * Math.sin(2 * Math.PI * bin * i / size);
                }
            }
        }
        return spectrum;
    }

    /** The definition of the inverse, mirrored ends included. */
    private static double[] naiveInverse(float[][] planes, int size, int hop, int bins, int first, int given, int all) {
        double[] sum = new double[size + (all - 1) * hop];
        double[] weight = new double[sum.length];
        for (int f = 0; f < all; f++) {
            for (int i = 0; i < size; i++) {
                double value = 0;
                for (int bin = 0; bin < bins && f >= first && f < first + given; bin++) {
                    double angle = 2 * Math.PI * bin * i / size;
                    int at = bin * given + f - first;
                    // The bins above the middle mirror those below: each counts twice but for the first. That one's
                    // imaginary part has no meaning.
                    double both = planes[0][at] * Math.cos(angle) - planes[1][at] * Math.sin(angle);
                    value += bin == 0 ? planes[0][at] : 2 * both;
                }
                sum[f * hop + i] += hann(i, size) * value * Math.sqrt(size) / size;
                weight[f * hop + i] += hann(i, size) * hann(i, size);
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] = weight[i] > 1e-11 ? sum[i] / weight[i] : 0;
        }
        return sum;
    }

    private static double hann(int i, int size) {
        return 0.5 - 0.5 * Math.cos(2 * Math.PI * i / size);
    }
}
