package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.ClipReader;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Quality;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Run;
import io.flowstate.testkit.MemoryOutputs;
import io.flowstate.testkit.Shared;
import io.flowstate.testkit.TestAudio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The published weights through the whole local path, as they were published and as this machine rewrites them, against stems that an independent host computed in double precision, and against the
 * true ones.
 */
class GoldenStemsTest {
    private static final List<String> STEMS = List.of("drums", "bass", "other", "vocals");
    private static final int RATE = 44_100;

    /** What a correct host reaches on the song, from its own README, to two decimals. */
    private static final Map<String, Double> SDR_OF_A_CORRECT_HOST =
            Map.of("drums", 11.86, "bass", 14.97, "other", 8.89, "vocals", 9.44);

    /** For all runs, so that the graph is rewritten once. */
    @TempDir
    private static Path derived;

    @TempDir
    private Path folder;

    /** The forms of the graph. */
    enum Form {
        /** Two hosts in different arithmetic agree to about 120 dB. */
        AS_PUBLISHED(100),
        /** Its sums are in another order and its scales elsewhere. */
        REWRITTEN(90);

        private final double leastDecibels;

        Form(double leastDecibels) {
            this.leastDecibels = leastDecibels;
        }

        private ModelStore store() {
            return switch (this) {
                case AS_PUBLISHED -> RealModels.asPublished();
                case REWRITTEN -> RealModels.rewrittenIn(derived);
            };
        }
    }

    private final AudioFiles audio =
            new AudioFiles(FfmpegTools.in(Path.of(System.getProperty("flowstate.natives"), "ffmpeg")));

    @ParameterizedTest
    @EnumSource
    void the_stems_equal_the_golden_ones_in_the_whole_and_in_each_second(Form form) throws IOException {
        float[][] song = decode(Shared.path("audio/song/mix.flac"));
        float[][] start = {Arrays.copyOf(song[0], 705_600), Arrays.copyOf(song[1], 705_600)};
        Path wav = Files.write(
                folder.resolve("start.wav"), TestAudio.floatWav(start, RATE, 32).bytes());

        MemoryOutputs stems = separate(wav, form);

        SoftAssertions soft = new SoftAssertions();
        for (String stem : STEMS) {
            float[][] golden = decode(Shared.path("models/golden/htdemucs/" + stem + ".flac"));
            float[][] ours = decode(stems, stem);
            assertThat(ours[0]).hasSize(705_600);
            double whole = Samples.signalToError(golden, ours, 0, 705_600);
            soft.assertThat(whole).as(stem).isGreaterThan(form.leastDecibels);
            // Some are nearly silent.
            for (int from = 0; from < 705_600; from += RATE) {
                soft.assertThat(Samples.signalToError(golden, ours, from, from + RATE))
                        .as("%s from %d s", stem, from / RATE)
                        .isGreaterThan(60);
            }
        }
        soft.assertAll();
    }

    @ParameterizedTest
    @EnumSource
    void the_whole_song_is_separated_as_well_as_a_correct_host_does(Form form) throws IOException {
        Path song = Shared.path("audio/song/mix.flac");

        MemoryOutputs stems = separate(song, form);

        for (Map.Entry<String, Double> correct : SDR_OF_A_CORRECT_HOST.entrySet()) {
            String stem = correct.getKey();
            float[][] truth = decode(Shared.path("audio/song/" + stem + ".flac"));
            double sdr = Samples.signalToError(truth, decode(stems, stem), 0, truth[0].length);
            assertThat(sdr).as("SDR of %s", stem).isCloseTo(correct.getValue(), within(0.005));
        }
    }

    private MemoryOutputs separate(Path file, Form form) {
        Deployment deployment =
                CatalogueReader.shipped().deployments().values().iterator().next();
        StemsRequest request = new StemsRequest(
                new AudioInput("song", file),
                new StemSelection.All(),
                Optional.empty(),
                Quality.STANDARD.overlap(),
                1,
                0,
                new AudioFormat(Container.WAV, Bits.FLOAT_32, OptionalInt.empty()),
                ClipMode.NONE,
                false);
        MemoryOutputs outputs = new MemoryOutputs();
        Cancellation cancellation = new Cancellation();
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
                LocalProvider provider = new LocalProvider(
                        new EngineConfig(
                                Runtime.getRuntime().availableProcessors(), 8L << 30, 2, Duration.ofMinutes(5)),
                        form.store(),
                        audio,
                        InstantSource.system(),
                        timer)) {
            provider.run(
                    deployment,
                    request,
                    new Run(
                            "golden",
                            1,
                            Optional.of(audio.probe(request.input(), cancellation)),
                            cancellation,
                            Progress.Listener.NONE,
                            outputs));
        }
        return outputs;
    }

    private float[][] decode(MemoryOutputs stems, String name) throws IOException {
        return decode(Files.write(folder.resolve(name + ".wav"), stems.bytes(name)));
    }

    private float[][] decode(Path file) {
        AudioInput input = new AudioInput(String.valueOf(file.getFileName()), file);
        Cancellation cancellation = new Cancellation();
        try (ClipReader reader =
                audio.open(input, audio.probe(input, cancellation), new Layout(RATE, 2), false, cancellation)) {
            return Samples.readAll(reader);
        }
    }
}
