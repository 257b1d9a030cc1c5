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
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Run;
import io.flowstate.testkit.MemoryOutputs;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of other shapes than four stems from one graph: the whole local path over graphs that only scale, each row by a factor of its own. */
class ModelShapesTest {
    private static final int RATE = 44_100;
    private static final List<Stem> FOUR = List.of(Stem.DRUMS, Stem.BASS, Stem.OTHER, Stem.VOCALS);
    private static final List<Stem> SIX =
            List.of(Stem.DRUMS, Stem.BASS, Stem.OTHER, Stem.VOCALS, Stem.GUITAR, Stem.PIANO);

    /** What the bag must give: of each graph the row of its own stem. */
    private static final Map<Stem, Double> OWN_ROWS =
            Map.of(Stem.DRUMS, 0.21, Stem.BASS, 0.42, Stem.OTHER, 0.63, Stem.VOCALS, 0.84);

    @TempDir
    private Path folder;

    private final AudioFiles audio =
            new AudioFiles(FfmpegTools.in(Path.of(System.getProperty("flowstate.natives"), "ffmpeg")));
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final MemoryOutputs outputs = new MemoryOutputs();
    private final List<Progress> reported = new ArrayList<>();
    private float[][] mix = new float[2][0];

    @BeforeEach
    void compose() {
        mix = TestAudio.noise(2, 30_011, 7);
    }

    @AfterEach
    void end() {
        timer.close();
    }

    @Test
    void a_graph_of_six_stems_gives_six() throws IOException {
        Map<String, Path> files = Map.of("graph", write(TinyDemucs.smallWithSixStems(), "six"));

        StemsResult result = run(files, SIX, new StemSelection.All(), ClipMode.NONE);

        assertThat(result.outputs()).containsExactly("drums", "bass", "other", "vocals", "guitar", "piano");
        for (int i = 0; i < SIX.size(); i++) {
            assertScaled(SIX.get(i).id(), 0.1 * (i + 1), 1, 1);
        }
    }

    @Test
    void guitar_against_the_rest_is_the_sum_of_five() throws IOException {
        Map<String, Path> files = Map.of("graph", write(TinyDemucs.smallWithSixStems(), "six"));

        run(files, SIX, new StemSelection.Against(Stem.GUITAR), ClipMode.NONE);

        assertScaled("guitar", 0.5, 1, 1);
        assertScaled("no_guitar", 0.1 + 0.2 + 0.3 + 0.4 + 0.6, 5, 1);
    }

    @Test
    void each_stem_of_a_bag_comes_from_its_own_graph() throws IOException {
        StemsResult result = run(bag(), FOUR, new StemSelection.All(), ClipMode.NONE);

        assertThat(result.outputs()).containsExactly("drums", "bass", "other", "vocals");
        for (Stem stem : FOUR) {
            assertScaled(stem.id(), OWN_ROWS.getOrDefault(stem, 0.0), 1, 1);
        }
    }

    @Test
    void only_the_graph_of_a_wanted_stem_runs() throws IOException {
        Map<String, Path> files = new LinkedHashMap<>(bag());
        files.replaceAll((role, file) -> role.equals("graph.vocals") ? file : folder.resolve("absent.onnx"));

        run(files, FOUR, new StemSelection.Some(Set.of(Stem.VOCALS)), ClipMode.NONE);

        assertScaled("vocals", 0.84, 1, 1);
    }

    @Test
    void one_stem_of_a_bag_against_the_rest_is_summed_over_its_graphs_to_the_last_bit() throws IOException {
        run(bag(), FOUR, new StemSelection.All(), ClipMode.NONE);
        float[][] bass = decode("bass");
        float[][] other = decode("other");
        float[][] rest = decode("drums");
        for (int channel = 0; channel < 2; channel++) {
            for (int i = 0; i < mix[0].length; i++) {
                rest[channel][i] = rest[channel][i] + bass[channel][i] + other[channel][i];
            }
        }

        StemsResult result = run(bag(), FOUR, new StemSelection.Against(Stem.VOCALS), ClipMode.NONE);

        assertThat(result.outputs()).containsExactly("vocals", "no_vocals");
        assertScaled("vocals", 0.84, 1, 1);
        assertThat(decode("no_vocals")).isDeepEqualTo(rest);
        assertThat(folder.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void the_stems_of_a_bag_are_turned_down_by_one_factor() throws IOException {
        for (float[] channel : mix) {
            channel[1_000] = 0.99f;
        }

        StemsResult result = run(bag(), FOUR, new StemSelection.Against(Stem.VOCALS), ClipMode.RESCALE);

        assertThat(result.gain()).isLessThan(1);
        assertThat(result.clippedSamples()).isZero();
        assertScaled("vocals", 0.84, 1, result.gain());
        assertScaled("no_vocals", 0.21 + 0.42 + 0.63, 3, result.gain());
        assertThat(folder.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void over_all_graphs_of_a_bag_progress_goes_once_from_the_start_of_the_track_to_its_end() throws IOException {
        run(bag(), FOUR, new StemSelection.All(), ClipMode.NONE);

        List<Double> fractions = reported.stream()
                .filter(each -> each.phase() == Progress.Phase.SEPARATING)
                .map(Progress::fraction)
                .toList();
        assertThat(fractions).isSorted().doesNotHaveDuplicates().endsWith(1.0);
        assertThat(fractions.getFirst()).isLessThan(0.25);
        assertThat(reported.stream().map(Progress::phase).distinct())
                .containsExactly(
                        Progress.Phase.READING,
                        Progress.Phase.LOADING,
                        Progress.Phase.OPTIMIZING,
                        Progress.Phase.SEPARATING,
                        Progress.Phase.WRITING);
        assertThat(reported.getLast().phase()).isEqualTo(Progress.Phase.WRITING);
    }

    @Test
    void a_model_whose_files_lack_a_stem_takes_no_requests_and_says_which() throws IOException {
        Map<String, Path> files = new LinkedHashMap<>(bag());
        files.remove("graph.bass");
        try (LocalProvider provider = provider(files)) {
            assertThat(provider.status(deployment(files, FOUR)).unavailable())
                    .contains("its entry in the catalogue names neither a file \"graph\" nor a \"graph.bass\"");
            assertThat(provider.status(deployment(bag(), FOUR)).unavailable()).isEmpty();
        }
    }

    private Map<String, Path> bag() throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        for (int i = 0; i < FOUR.size(); i++) {
            String role = "graph." + FOUR.get(i).id();
            files.put(role, write(TinyDemucs.smallBag().get(i), role));
        }
        return files;
    }

    private Path write(TinyDemucs graph, String name) throws IOException {
        return graph.writeTo(folder.resolve(name + ".onnx"));
    }

    private LocalProvider provider(Map<String, Path> files) {
        return new LocalProvider(
                new EngineConfig(1, 8L << 30, 2, Duration.ofMinutes(5), folder.resolve("scratch")),
                new FolderStore(files),
                audio,
                InstantSource.system(),
                timer);
    }

    private static Deployment deployment(Map<String, Path> files, List<Stem> stems) {
        Deployment shipped =
                CatalogueReader.shipped().deployments().values().iterator().next();
        Model like = shipped.model();
        Model model = new Model(
                "mine",
                like.title(),
                like.task(),
                like.family(),
                stems,
                like.licence(),
                files.keySet().stream()
                        .collect(Collectors.toMap(role -> role, role -> new Model.ModelFile(role + ".onnx", "", 1))),
                List.of(),
                1 << 20,
                "");
        return new Deployment(
                "local", model, shipped.price(), shipped.latency(), shipped.limits(), shipped.leavesMachine());
    }

    private StemsResult run(Map<String, Path> files, List<Stem> stems, StemSelection selection, ClipMode clip)
            throws IOException {
        Path file = Files.write(
                folder.resolve("mix.wav"), TestAudio.floatWav(mix, RATE, 32).bytes());
        StemsRequest request = new StemsRequest(
                new AudioInput("mix.wav", file),
                selection,
                Optional.empty(),
                Quality.BEST.overlap(),
                Quality.BEST.shifts(),
                0,
                new AudioFormat(Container.WAV, Bits.FLOAT_32, OptionalInt.empty()),
                clip,
                false);
        Cancellation cancellation = new Cancellation();
        Run run = new Run(
                "test",
                1,
                Optional.of(audio.probe(request.input(), cancellation)),
                cancellation,
                reported::add,
                outputs);
        try (LocalProvider provider = provider(files)) {
            return (StemsResult) provider.run(deployment(files, stems), request, run);
        }
    }

    /** @param stems how many are summed; each gets the track's mean back whole, as in the reference */
    private void assertScaled(String output, double gain, int stems, double level) throws IOException {
        float[][] stem = decode(output);
        assertThat(stem[0]).hasSize(mix[0].length);
        double mean = 0;
        for (float[] channel : mix) {
            for (float sample : channel) {
                mean += sample / (2.0 * channel.length);
            }
        }
        for (int channel = 0; channel < 2; channel++) {
            for (int i = 0; i < mix[0].length; i++) {
                assertThat((double) stem[channel][i])
                        .as("%s channel %d sample %d", output, channel, i)
                        .isCloseTo(level * (gain * (mix[channel][i] - mean) + stems * mean), within(1e-4));
            }
        }
    }

    private float[][] decode(String output) throws IOException {
        Path file = Files.write(folder.resolve("stem.wav"), outputs.bytes(output));
        AudioInput input = new AudioInput("stem.wav", file);
        Cancellation cancellation = new Cancellation();
        try (ClipReader reader =
                audio.open(input, audio.probe(input, cancellation), new Layout(RATE, 2), false, cancellation)) {
            return Samples.readAll(reader);
        }
    }
}
