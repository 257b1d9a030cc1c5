package io.flowstate.audio;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.TestAudio;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WavReadingTest {
    private static final int RATE = 44_100;
    private static final float[][] SIGNAL = TestAudio.noise(2, 20_001, 1);

    /** No programs: WAV has to do without. */
    private final AudioFiles files = new AudioFiles(FfmpegTools.in(Path.of("there-is-nothing-here")));

    @TempDir
    Path folder = Path.of("");

    private Workshop workshop = new Workshop(folder);

    @BeforeEach
    void useFolder() {
        workshop = new Workshop(folder);
    }

    /** Each bit is 6.02 dB; the noise of ±0.5 lies 4.8 dB under a sine of that height, rounding noise is a twelfth of a step squared: 6.02·bits dB - 6 dB. */
    @ParameterizedTest
    @CsvSource({"8, 42", "16, 90", "24, 138", "32, 150"})
    void integers_of_every_width_come_back_but_for_their_rounding(int bits, double bar) {
        float[][] read = read(TestAudio.wav(SIGNAL, RATE, bits).bytes());

        assertThat(Workshop.snr(SIGNAL, read)).isGreaterThan(bar);
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void floats_come_back_as_they_were(int bits) {
        assertThat(read(TestAudio.floatWav(SIGNAL, RATE, bits).bytes())).isDeepEqualTo(SIGNAL);
    }

    @Test
    void full_scale_is_read_as_minus_one_to_just_under_one() {
        float[][] extremes = {{-1f, 1f, 0f}};

        assertThat(read(TestAudio.wav(extremes, RATE, 16).bytes(), 1)[0]).containsExactly(-1f, 32_767 / 32_768f, 0f);
        assertThat(read(TestAudio.wav(extremes, RATE, 24).bytes(), 1)[0])
                .containsExactly(-1f, 8_388_607 / 8_388_608f, 0f);
        assertThat(read(TestAudio.wav(extremes, RATE, 8).bytes(), 1)[0]).containsExactly(-1f, 127 / 128f, 0f);
    }

    @Test
    void extensible_and_rf64_files_are_read_like_plain_ones() {
        float[][] plain = read(TestAudio.wav(SIGNAL, RATE, 24).bytes());

        assertThat(read(TestAudio.wav(SIGNAL, RATE, 24).extensible(3).bytes())).isDeepEqualTo(plain);
        assertThat(read(TestAudio.wav(SIGNAL, RATE, 24).rf64().bytes())).isDeepEqualTo(plain);
        assertThat(read(TestAudio.floatWav(SIGNAL, RATE, 32)
                        .extensible(3)
                        .rf64()
                        .bytes()))
                .isDeepEqualTo(SIGNAL);
    }

    @Test
    void chunks_before_and_after_the_samples_are_passed_over() {
        byte[] odd = new byte[33];
        Arrays.fill(odd, (byte) 'x');

        float[][] padded = read(TestAudio.wav(SIGNAL, RATE, 16)
                .with("LIST", odd)
                .with("JUNK", new byte[28])
                .followedBy(odd)
                .bytes());
        float[][] unpadded = read(TestAudio.wav(SIGNAL, RATE, 16)
                .withUnpadded("LIST", odd)
                .with("junk", odd)
                .bytes());

        assertThat(padded).isDeepEqualTo(read(TestAudio.wav(SIGNAL, RATE)));
        assertThat(unpadded).isDeepEqualTo(padded);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                0xFFFF_FFFFL,
                0x7FFF_FFFFL,
                0x7FFF_FF00L,
                0x7FFF_F000L,
                0x7FFF_F000L / 6 * 6,
                0x8000_0000L,
                0x8000_0024L,
                0xFFFF_FFDBL
            })
    void a_size_that_a_pipe_left_wrong_means_until_the_end_of_the_file(long claimed) {
        byte[] file = TestAudio.wav(SIGNAL, RATE, 16)
                .claiming(claimed)
                .claimingRiff(claimed)
                .bytes();

        assertThat(read(file)[0]).hasSize(20_001);
    }

    @Test
    void a_definite_size_beyond_the_end_of_the_file_is_a_truncation_unless_allowed() {
        AudioInput input = workshop.input(
                "cut.wav", TestAudio.wav(SIGNAL, RATE, 16).claiming(200_000).bytes());

        FlowError refused =
                catchThrowableOfType(FlowError.class, () -> Workshop.decode(files, input, new Layout(RATE, 2), false));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_TRUNCATED);
        assertThat(refused.message()).isEqualTo("The WAV stream ends after 0.45 s of 1.13 s.");
        assertThat(refused.advice())
                .hasValueSatisfying(advice ->
                        assertThat(advice).contains("allow_truncated=true").contains("--allow-truncated"));
        assertThat(Workshop.decode(files, input, new Layout(RATE, 2), true).frames())
                .isEqualTo(20_001);
    }

    @Test
    void gigabytes_that_no_pipe_leaves_behind_are_a_truncation_too() {
        AudioInput input = workshop.input(
                "cut.wav",
                TestAudio.wav(SIGNAL, RATE, 16).claiming(3_000_000_000L).bytes());

        FlowError refused =
                catchThrowableOfType(FlowError.class, () -> Workshop.decode(files, input, new Layout(RATE, 2), false));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_TRUNCATED);
    }

    @Test
    void an_rf64_file_that_is_cut_is_a_truncation_even_if_it_claims_gigabytes() {
        AudioInput input = workshop.input(
                "cut.rf64",
                TestAudio.wav(SIGNAL, RATE, 16).rf64().claiming(5L << 30).bytes());

        FlowError refused =
                catchThrowableOfType(FlowError.class, () -> Workshop.decode(files, input, new Layout(RATE, 2), false));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_TRUNCATED);
    }

    @Test
    void a_file_without_samples_is_empty_even_if_chunks_follow() {
        byte[] file = TestAudio.wav(new float[2][0], RATE, 16)
                .followedBy("LIST\4\0\0\0abcd".getBytes(US_ASCII))
                .bytes();

        FlowError refused = catchThrowableOfType(FlowError.class, () -> read(file));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_EMPTY);
        assertThat(refused.advice()).isPresent();
    }

    @Test
    void one_sample_is_enough() {
        assertThat(read(TestAudio.wav(new float[][] {{0.5f}}, RATE), 1)).isDeepEqualTo(new float[][] {{0.5f}});
    }

    @Test
    void the_facts_are_those_of_the_header() {
        AudioInput input = workshop.input(
                "song.wav",
                TestAudio.floatWav(TestAudio.noise(6, 9600, 1), 192_000, 32).bytes());

        assertThat(files.probe(input, new Cancellation())).satisfies(facts -> {
            assertThat(facts.container()).isEqualTo("wav");
            assertThat(facts.codec()).isEqualTo("pcm_f32le");
            assertThat(facts.sampleRateHz()).isEqualTo(192_000);
            assertThat(facts.channels()).isEqualTo(6);
            assertThat(facts.duration()).contains(Duration.ofMillis(50));
        });
    }

    @Test
    void one_channel_is_doubled() {
        float[][] mono = TestAudio.noise(1, 5000, 2);

        float[][] stereo = read(TestAudio.floatWav(mono, RATE, 32).bytes(), 2);

        assertThat(stereo[0]).isEqualTo(mono[0]);
        assertThat(stereo[1]).isEqualTo(mono[0]);
    }

    @Test
    void two_channels_become_their_mean() {
        float[][] opposed = {{0.5f, 1f}, {-0.5f, 0.5f}};

        assertThat(read(TestAudio.floatWav(opposed, RATE, 32).bytes(), 1)[0]).containsExactly(0f, 0.75f);
    }

    @Test
    void the_channel_mask_says_which_channel_goes_where() {
        // Front left and right, low frequency, and the two sides.
        float[][] sides = {{0}, {0}, {1}, {1}, {0}};

        float[][] stereo = read(
                TestAudio.floatWav(sides, RATE, 32)
                        .extensible(0x1 | 0x2 | 0x8 | 0x200 | 0x400)
                        .bytes(),
                2);

        float side = (float) (Math.sqrt(0.5) / (1 + Math.sqrt(0.5)));
        assertThat(stereo[0]).containsExactly(side);
        assertThat(stereo[1]).containsExactly(0f);
    }

    private float[][] read(byte[] file) {
        return read(file, 2);
    }

    private float[][] read(byte[] file, int channels) {
        return Workshop.decode(files, workshop.input("in.wav", file), new Layout(RATE, channels), false)
                .planar();
    }
}
