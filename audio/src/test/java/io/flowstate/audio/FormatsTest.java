package io.flowstate.audio;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.testkit.TestAudio;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FormatsTest {
    private static final int RATE = 44_100;
    private static final int FRAMES = 2 * RATE + 7;
    private static final float[][] TUNE = TestAudio.tune(2, RATE, FRAMES, 11);

    @TempDir
    Path folder = Path.of("");

    /** 16 bits leave a rounding noise at -101 dB, 24 bits at -149; the tune's level is near -20. */
    @ParameterizedTest
    @CsvSource({"PCM_16, 75", "PCM_24, 123"})
    void flac_loses_only_what_rounding_loses(Bits bits, double bar) {
        Workshop.Decoded read = roundTrip(Workshop.format(Container.FLAC, bits));

        assertThat(read.frames()).isEqualTo(FRAMES);
        assertThat(Workshop.snr(TUNE, read.planar())).isGreaterThan(bar);
    }

    @Test
    void flac_is_rounded_as_wav_is() {
        float[][] flac = roundTrip(Workshop.format(Container.FLAC, Bits.PCM_24)).planar();
        float[][] wav = roundTrip(Workshop.format(Container.WAV, Bits.PCM_24)).planar();

        assertThat(flac).isDeepEqualTo(wav);
    }

    @Test
    void flac_from_a_pipe_still_says_how_long_it_is() {
        Workshop.Decoded read = roundTrip(Workshop.format(Container.FLAC));

        assertThat(read.facts().duration()).contains(Duration.ofNanos(Math.round(FRAMES * 1e9 / RATE)));
    }

    /**
     * At these rates a coder for tones leaves noise some 30 dB under them. Were the tune shifted by a millisecond, its harmonics would be out of step and nothing left.
     * An m4a file that is written as a stream ends with a whole block of 1024 frames.
     */
    @ParameterizedTest
    @CsvSource({"MP3, 44100, 0", "MP3, 22050, 0", "OPUS, 44100, 0", "M4A, 44100, 1023"})
    void lossy_formats_keep_the_tune_in_its_place(Container container, int rateHz, int surplus) {
        float[][] tune = TestAudio.tune(2, rateHz, FRAMES, 11);
        byte[] file = Workshop.encode(tune, rateHz, Workshop.format(container));
        AudioInput input = new Workshop(folder).input("out." + container.id(), file);

        Workshop.Decoded read = Workshop.decode(input, new Layout(rateHz, 2), false);

        assertThat(read.frames()).isBetween(FRAMES, FRAMES + surplus);
        assertThat(Workshop.snr(tune, read.planar())).isGreaterThan(25);
    }

    @ParameterizedTest
    @EnumSource(Container.class)
    void one_channel_of_any_length_can_be_written(Container container) {
        for (int frames : new int[] {1, 575, 1152, 5000}) {
            float[][] tune = TestAudio.tune(1, 48_000, frames, 12);
            byte[] file = Workshop.encode(tune, 48_000, Workshop.format(container));
            AudioInput input = new Workshop(folder).input("out." + container.id(), file);

            Workshop.Decoded read = Workshop.decode(input, new Layout(48_000, 1), false);

            assertThat(read.facts().channels()).isEqualTo(1);
            assertThat(read.frames()).isBetween(frames, container == Container.M4A ? frames + 2047 : frames);
        }
    }

    @ParameterizedTest
    @CsvSource({"MP3, 48000", "OPUS, 48000", "M4A, 96000", "FLAC, 192000"})
    void a_rate_that_the_format_does_not_know_becomes_the_nearest(Container container, int written) {
        float[][] tune = TestAudio.tune(2, 192_000, 192_000, 13);

        AudioInput input = new Workshop(folder)
                .input("out." + container.id(), Workshop.encode(tune, 192_000, Workshop.format(container)));

        Workshop.Decoded read = Workshop.decode(input);
        assertThat(read.facts().sampleRateHz()).isEqualTo(written);
        assertThat(read.frames()).isBetween(written, written + (container == Container.M4A ? 1023 : 0));
    }

    @Test
    void the_bit_rate_is_the_one_asked_for() {
        AudioFormat format = new AudioFormat(Container.MP3, Bits.PCM_16, OptionalInt.of(128));

        byte[] file = Workshop.encode(TUNE, RATE, format);

        double kbps = file.length * 8 / 1000.0 / ((double) FRAMES / RATE);
        // A few frames more than the music has: those for the coder's delay and the one that tells of it.
        assertThat(kbps).isBetween(126.0, 136.0);
    }

    @ParameterizedTest
    @EnumSource(Container.class)
    void the_same_samples_give_the_same_bytes(Container container) {
        AudioFormat format = Workshop.format(container);

        assertThat(Workshop.encode(TUNE, RATE, format)).isEqualTo(Workshop.encode(TUNE, RATE, format));
    }

    private Workshop.Decoded roundTrip(AudioFormat format) {
        return Workshop.decode(write(format));
    }

    private AudioInput write(AudioFormat format) {
        return new Workshop(folder).input("out." + format.container().id(), Workshop.encode(TUNE, RATE, format));
    }
}
