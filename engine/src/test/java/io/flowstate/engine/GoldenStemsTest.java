package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published weights through the whole local path, against stems that an independent host computed in double precision, and against the true ones. */
class GoldenStemsTest {
    private static final List<String> STEMS = List.of("drums", "bass", "other", "vocals");
    private static final int RATE = 44_100;

    /** What a correct host reaches on the song, from its own README; a tenth of a decibel less fails. */
    private static final Map<String, Double> SDR_OF_A_CORRECT_HOST =
            Map.of("drums", 11.86, "bass", 14.97, "other", 8.89, "vocals", 9.44);

    @TempDir
    private Path folder;

    private final AudioFiles audio =
            new AudioFiles(FfmpegTools.in(Path.of(System.getProperty("flowstate.natives"), "ffmpeg")));

    @Test
    void the_stems_equal_the_golden_ones_in_the_whole_and_in_each_second() throws IOException {
        float[][] song = decode(Shared.path("audio/song/mix.flac"));
        float[][] start = {Arrays.copyOf(song[0], 705_600), Arrays.copyOf(song[1], 705_600)};
        Path wav = Files.write(
                folder.resolve("start.wav"), TestAudio.floatWav(start, RATE, 32).bytes());

        MemoryOutputs stems = separate(wav);

        for (String stem : STEMS) {
            float[][] golden = decode(Shared.path("models/golden/htdemucs/" + stem + ".flac"));
            float[][] ours = decode(stems, stem);
            assertThat(ours[0]).hasSize(705_600);
            // Two hosts in different arithmetic agree to about 120 dB; 60 is the bar for each second, of which some are
            // nearly silent.
            assertThat(Samples.signalToError(golden, ours, 0, 705_600)).as(stem).isGreaterThan(100);
            for (int from = 0; from < 705_600; from += RATE) {
                assertThat(Samples.signalToError(golden, ours, from, from + RATE))
                        .as("%s from %d s", stem, from / RATE)
                        .isGreaterThan(60);
            }
        }
    }

    @Test
    void the_whole_song_is_separated_as_well_as_a_correct_host_does() throws IOException {
        Path song = Shared.path("audio/song/mix.flac");

        MemoryOutputs stems = separate(song);

        for (Map.Entry<String, Double> correct : SDR_OF_A_CORRECT_HOST.entrySet()) {
            String stem = correct.getKey();
            float[][] truth = decode(Shared.path("audio/song/" + stem + ".flac"));
            assertThat(Samples.signalToError(truth, decode(stems, stem), 0, truth[0].length))
                    .as("SDR of %s", stem)
                    .isGreaterThan(correct.getValue() - 0.1);
        }
    }

    private MemoryOutputs separate(Path file) {
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
                        RealModels.store(),
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
