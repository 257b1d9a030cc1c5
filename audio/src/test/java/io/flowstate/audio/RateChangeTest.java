package io.flowstate.audio;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.testkit.TestAudio;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateChangeTest {
    @TempDir
    Path folder = Path.of("");

    /**
     * A sine and its fifth, sampled anew, must be the sine sampled at that rate from the start. A delay of half a frame would leave 30 dB or less at 1 kHz, so that
     * the bar speaks for the alignment too. The ends, where the filter reaches beyond the signal, do not count.
     */
    @ParameterizedTest
    @CsvSource({
        "48000, 44100, 1000",
        "44100, 48000, 1000",
        "192000, 44100, 1000",
        "44100, 192000, 1000",
        "8000, 44100, 1000",
        "48000, 44100, 12000"
    })
    void a_sine_keeps_its_height_and_its_place(int fromHz, int toHz, double hz) {
        int frames = fromHz / 2 + 1;
        AudioInput input = sine(fromHz, frames, hz);

        Workshop.Decoded read = Workshop.decode(input, new Layout(toHz, 2), false);

        assertThat(read.sourceFrames()).isEqualTo(frames);
        assertThat(read.frames()).isEqualTo(Math.round((double) frames * toHz / fromHz));
        float[][] expected = TestAudio.sines(2, toHz, read.frames(), hz);
        int edge = 200 + 200 * toHz / fromHz;
        assertThat(Workshop.snr(expected, read.planar(), edge, read.frames() - edge))
                .isGreaterThan(120);
    }

    @Test
    void what_the_lower_rate_cannot_hold_is_gone() {
        AudioInput input = sine(48_000, 48_000, 23_000);

        float[][] read = Workshop.decode(input, new Layout(32_000, 2), false).planar();
        int edge = 200;

        double loudest = 0;
        for (int i = edge; i < read[0].length - edge; i++) {
            loudest = Math.max(loudest, Math.abs(read[0][i]));
        }
        // 110 dB below the 0.5 that went in.
        assertThat(loudest).isLessThan(0.5 * Math.pow(10, -110 / 20.0));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 44100, 48000",
        "2, 48000, 44100",
        "3, 192000, 8000",
        "17, 8000, 192000",
        "1000, 44100, 44101",
        "44099, 44100, 11025"
    })
    void the_length_is_exact_both_ways(int frames, int fromHz, int toHz) {
        float[][] signal = TestAudio.noise(2, frames, 4);
        long expected = Math.round((double) frames * toHz / fromHz);
        AudioInput input = new Workshop(folder).input("in.wav", TestAudio.wav(signal, fromHz));

        byte[] written = Workshop.encode(signal, fromHz, Workshop.format(Container.WAV), toHz, frames + 5L);

        if (expected > 0) {
            assertThat(Workshop.decode(input, new Layout(toHz, 2), false).frames())
                    .isEqualTo(expected);
        }
        assertThat(written).hasSize(44 + 4 * (frames + 5));
    }

    @Test
    void a_track_brought_to_a_models_rate_and_back_is_the_track() {
        int frames = 96_000;
        float[][] there = Workshop.decode(sine(48_000, frames, 1000), new Layout(44_100, 2), false)
                .planar();

        byte[] back = Workshop.encode(there, 44_100, Workshop.format(Container.WAV, Bits.FLOAT_32), 48_000, frames);

        float[][] read =
                Workshop.decode(new Workshop(folder).input("back.wav", back)).planar();
        assertThat(Workshop.snr(TestAudio.sines(2, 48_000, frames, 1000), read, 200, frames - 200))
                .isGreaterThan(90);
    }

    private AudioInput sine(int rateHz, int frames, double hz) {
        return new Workshop(folder)
                .input(
                        "sine.wav",
                        TestAudio.floatWav(TestAudio.sines(2, rateHz, frames, hz), rateHz, 32)
                                .bytes());
    }
}
