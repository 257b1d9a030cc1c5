package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.ClipReader;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Quality;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Run;
import io.flowstate.testkit.MemoryOutputs;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole local path over a graph that only scales, so that every output is known. */
class LocalProviderTest {
    private static final AudioFormat FLOAT = new AudioFormat(Container.WAV, Bits.FLOAT_32, OptionalInt.empty());
    private static final int RATE = 44_100;

    @TempDir
    private Path folder;

    private final AudioFiles audio =
            new AudioFiles(FfmpegTools.in(Path.of(System.getProperty("flowstate.natives"), "ffmpeg")));
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Deployment deployment =
            CatalogueReader.shipped().deployments().values().iterator().next();
    private final MemoryOutputs outputs = new MemoryOutputs();
    private LocalProvider provider;

    @BeforeEach
    void start() throws IOException {
        provider = scalingBy(0.4f, 0.3f, 0.2f, 0.1f);
    }

    @AfterEach
    void end() {
        provider.close();
        timer.close();
    }

    @Test
    void gives_the_stems_that_were_asked_for_at_the_tracks_own_length() throws IOException {
        float[][] mix = TestAudio.sines(2, RATE, 30_011, 220);

        StemsResult result =
                run(wav(mix, RATE), new StemSelection.Some(Set.of(Stem.BASS, Stem.VOCALS)), ClipMode.CLAMP);

        assertThat(result.outputs()).containsExactly("bass", "vocals");
        assertThat(outputs.names()).containsExactlyInAnyOrder("bass", "vocals");
        assertScaled("bass", mix, 0.3, 1);
        assertScaled("vocals", mix, 0.1, 1);
        assertThat(result.length()).isEqualTo(Duration.ofNanos(Math.round(1e9 * 30_011 / RATE)));
        assertThat(outputs.description("bass").sizeBytes()).hasValue(outputs.bytes("bass").length);
    }

    @Test
    void one_stem_against_the_rest_adds_up_to_the_mix() throws IOException {
        float[][] mix = TestAudio.sines(2, RATE, 20_000, 330);

        StemsResult result = run(wav(mix, RATE), new StemSelection.Against(Stem.VOCALS), ClipMode.CLAMP);

        assertThat(result.outputs()).containsExactly("vocals", "no_vocals");
        assertScaled("vocals", mix, 0.1, 1);
        assertScaled("no_vocals", mix, 0.9, 1);
    }

    @Test
    void a_mono_file_at_another_rate_comes_back_in_stereo_at_its_own_rate_and_exact_length() throws IOException {
        float[][] mix = TestAudio.sines(1, 48_000, 48_001, 440);

        StemsResult result = run(wav(mix, 48_000), new StemSelection.All(), ClipMode.CLAMP);

        assertThat(result.sampleRateHz()).isEqualTo(48_000);
        float[][] drums = decode("drums", 48_000);
        assertThat(drums[0]).hasSize(48_001);
        // Away from the ends the two changes of rate leave a tone of 440 Hz within a thousandth.
        for (int i = 2_000; i < 46_000; i++) {
            assertThat((double) drums[1][i]).as("sample %d", i).isCloseTo(0.4 * mix[0][i], within(1e-3));
        }
    }

    @Test
    void a_file_of_one_sample_gives_stems_of_one_sample() throws IOException {
        run(wav(new float[][] {{0.5f}, {0.5f}}, RATE), new StemSelection.All(), ClipMode.CLAMP);

        assertThat(decode("vocals", RATE)[0]).hasSize(1);
    }

    @Test
    void clamping_limits_to_full_scale_and_counts() throws IOException {
        provider.close();
        provider = scalingBy(3f, 0.3f, 0.2f, 0.1f);
        float[][] mix = TestAudio.sines(2, RATE, 10_000, 220);

        StemsResult result = run(wav(mix, RATE), new StemSelection.All(), ClipMode.CLAMP);

        float[][] drums = decode("drums", RATE);
        long over = IntStream.range(0, 10_000)
                .mapToLong(i -> (Math.abs(3 * mix[0][i]) > 1 ? 1 : 0) + (Math.abs(3 * mix[1][i]) > 1 ? 1 : 0))
                .sum();
        assertThat(result.clippedSamples()).isCloseTo(over, within(over / 100 + 2));
        for (float sample : drums[0]) {
            assertThat(Math.abs(sample)).isLessThanOrEqualTo(1f);
        }
    }

    @Test
    void rescaling_turns_all_stems_down_by_one_factor() throws IOException {
        provider.close();
        provider = scalingBy(3f, 0.3f, 0.2f, 0.1f);
        float[][] mix = TestAudio.sines(2, RATE, 10_000, 220);

        StemsResult result = run(wav(mix, RATE), new StemSelection.All(), ClipMode.RESCALE);

        assertThat(result.gain()).isCloseTo(1 / (1.01 * 1.5), within(1e-3));
        assertThat(result.clippedSamples()).isZero();
        assertScaled("drums", mix, 3, result.gain());
        assertScaled("bass", mix, 0.3, result.gain());
    }

    @Test
    void what_waits_for_the_gain_leaves_nothing_behind() throws IOException {
        run(wav(TestAudio.sines(2, RATE, 10_000, 220), RATE), new StemSelection.All(), ClipMode.RESCALE);

        assertThat(folder.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void every_output_is_closed_although_one_of_them_fails() throws IOException {
        AudioInput input = wav(TestAudio.sines(2, RATE, 10_000, 220), RATE);
        List<String> closed = new ArrayList<>();
        Outputs broken = new Outputs() {
            @Override
            public OutputStream open(Description description) {
                return new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("gone");
                    }

                    @Override
                    public void close() throws IOException {
                        closed.add(description.name());
                        throw new IOException("gone");
                    }
                };
            }

            @Override
            public boolean discard() {
                return true;
            }
        };

        FlowError failed = catchThrowableOfType(
                FlowError.class, () -> run(input, new StemSelection.All(), ClipMode.CLAMP, broken));

        assertThat(failed.code()).isEqualTo(Code.OUTPUT_NOT_WRITABLE);
        assertThat(closed).containsExactlyInAnyOrder("drums", "bass", "other", "vocals");
        assertThat(provider.status(deployment).running()).isZero();
    }

    @Test
    void samples_that_are_no_numbers_are_refused_with_their_place() throws IOException {
        float[][] mix = TestAudio.sines(2, RATE, 44_100, 220);
        mix[1][22_050] = Float.NaN;
        Path file = Files.write(
                folder.resolve("nan.wav"), TestAudio.floatWav(mix, RATE, 32).bytes());

        FlowError refused = catchThrowableOfType(
                FlowError.class, () -> run(new AudioInput("nan.wav", file), new StemSelection.All(), ClipMode.CLAMP));

        assertThat(refused.code()).isEqualTo(Code.AUDIO_NOT_FINITE);
        assertThat(refused.message()).contains("0.500 s");
        assertThat(outputs.names()).isEmpty();
    }

    @Test
    void an_unknown_stem_is_refused_and_the_valid_ones_are_listed() {
        FlowError refused = catchThrowableOfType(
                FlowError.class,
                () -> run(
                        wav(TestAudio.sines(2, RATE, 100, 220), RATE),
                        new StemSelection.Some(Set.of(Stem.GUITAR)),
                        ClipMode.CLAMP));

        assertThat(refused.code()).isEqualTo(Code.UNKNOWN_STEM);
        assertThat(refused.advice()).hasValue("Valid names: drums, bass, other, vocals.");
    }

    @Test
    void the_model_stays_loaded_for_the_next_request() throws IOException {
        assertThat(provider.status(deployment).warm()).isFalse();

        run(wav(TestAudio.sines(2, RATE, 100, 220), RATE), new StemSelection.All(), ClipMode.CLAMP);

        assertThat(provider.status(deployment).warm()).isTrue();
        assertThat(provider.status(deployment).running()).isZero();
        assertThat(provider.status(deployment).queued()).isZero();
    }

    private LocalProvider scalingBy(float drums, float bass, float other, float vocals) throws IOException {
        Path file = new TinyDemucs(3_440, 32, List.of(0f, 0f, 0f, 0f), List.of(drums, bass, other, vocals))
                .writeTo(folder.resolve("tiny-%s.onnx".formatted(drums)));
        return new LocalProvider(
                new EngineConfig(1, 8L << 30, 2, Duration.ofMinutes(5), folder.resolve("scratch")),
                new FolderStore(file),
                audio,
                InstantSource.system(),
                timer);
    }

    private StemsResult run(AudioInput input, StemSelection selection, ClipMode clip) {
        return run(input, selection, clip, outputs);
    }

    private StemsResult run(AudioInput input, StemSelection selection, ClipMode clip, Outputs into) {
        StemsRequest request = new StemsRequest(
                input, selection, Optional.empty(), Quality.STANDARD.overlap(), 1, 0, FLOAT, clip, false);
        Cancellation cancellation = new Cancellation();
        AudioFacts facts = audio.probe(input, cancellation);
        Run run = new Run("test", 1, Optional.of(facts), cancellation, Progress.Listener.NONE, into);
        return (StemsResult) provider.run(deployment, request, run);
    }

    private AudioInput wav(float[][] samples, int rate) throws IOException {
        Path file = Files.write(
                folder.resolve("mix.wav"), TestAudio.floatWav(samples, rate, 32).bytes());
        return new AudioInput("mix.wav", file);
    }

    private void assertScaled(String output, float[][] mix, double gain, double level) throws IOException {
        float[][] stem = decode(output, RATE);
        assertThat(stem[0]).hasSize(mix[0].length);
        double mean = 0.5 * (mean(mix[0]) + mean(mix[1]));
        int stems = output.startsWith("no_") ? 3 : 1;
        for (int channel = 0; channel < 2; channel++) {
            for (int i = 0; i < mix[0].length; i++) {
                // Each stem gets the track's mean back whole, as in the reference.
                assertThat((double) stem[channel][i])
                        .as("%s channel %d sample %d", output, channel, i)
                        .isCloseTo(level * (gain * (mix[channel][i] - mean) + stems * mean), within(1e-4));
            }
        }
    }

    private static double mean(float[] samples) {
        double sum = 0;
        for (float sample : samples) {
            sum += sample;
        }
        return sum / samples.length;
    }

    private float[][] decode(String output, int rate) throws IOException {
        Path file = Files.write(folder.resolve("stem.wav"), outputs.bytes(output));
        AudioInput input = new AudioInput("stem.wav", file);
        Cancellation cancellation = new Cancellation();
        try (ClipReader reader =
                audio.open(input, audio.probe(input, cancellation), new Layout(rate, 2), false, cancellation)) {
            return Samples.readAll(reader);
        }
    }
}
