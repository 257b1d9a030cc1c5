package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowstate.audio.ClipReader;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The guide's examples of models that a user brings: read as they stand there, with only the files put in the place of those that nobody ships. */
@Timeout(600)
final class OwnModelsTest {
    private static final int RATE = 44_100;
    private static final Path GUIDE = Path.of(System.getProperty("flowstate.root"), "docs/stems.md");
    private static final Pattern EXAMPLES = Pattern.compile("```yaml\n(models:.*?)```\n", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("\\{name: (\\S+), sha256: \\S+, size: \\d+}");
    private static final Pattern SOURCE = Pattern.compile("- (hub|file): \\S+");

    @TempDir
    Path ground;

    private RealHouse house;
    private final byte[] song = TestAudio.wav(TestAudio.noise(2, RATE, 3), RATE);

    @BeforeEach
    void build() throws IOException {
        house = new RealHouse(ground, TinyDemucs.small());
        house.file("song.wav", song);
    }

    @Test
    void a_graph_of_six_stems_gives_six_files() throws IOException {
        bring("htdemucs_6s", Map.of("htdemucs_6s.onnx", TinyDemucs.smallWithSixStems()));

        RealHouse.Ran ran =
                house.run("stems", "song.wav", "--model", "htdemucs_6s", "--bits", "32f", "--quality", "fast");

        assertThat(ran.code()).as(ran.err()).isZero();
        List<String> stems = List.of("drums", "bass", "other", "vocals", "guitar", "piano");
        for (int i = 0; i < stems.size(); i++) {
            assertThat(level("song-stems/" + stems.get(i) + ".wav")).isCloseTo(0.1 * (i + 1), within(1e-3));
        }
    }

    @Test
    void a_request_for_a_stem_that_only_one_model_has_goes_there_by_itself() throws Exception {
        bring("htdemucs_6s", Map.of("htdemucs_6s.onnx", TinyDemucs.smallWithSixStems()));

        try (LiveServer server = house.serve()) {
            HttpResponse<byte[]> answer = server.stems("stems=piano&bits=32f&quality=fast", "song.wav", song);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("flowstate-deployment")).contains("local/htdemucs_6s");
            house.file("piano.wav", answer.body());
            assertThat(level("piano.wav")).isCloseTo(0.6, within(1e-3));
        }
    }

    @Test
    void each_stem_of_a_bag_comes_from_the_graph_that_was_trained_for_it() throws IOException {
        List<TinyDemucs> bag = TinyDemucs.smallBag();
        bring(
                "htdemucs_ft",
                Map.of(
                        "htdemucs_ft_drums.onnx", bag.get(0),
                        "htdemucs_ft_bass.onnx", bag.get(1),
                        "htdemucs_ft_other.onnx", bag.get(2),
                        "htdemucs_ft_vocals.onnx", bag.get(3)));

        RealHouse.Ran all = house.run("stems", "song.wav", "--model", "htdemucs_ft", "--bits", "32f");
        RealHouse.Ran two = house.run(
                "stems",
                "song.wav",
                "--model",
                "htdemucs_ft",
                "--bits",
                "32f",
                "--clip",
                "none",
                "--two-stems",
                "bass");

        assertThat(all.code()).as(all.err()).isZero();
        assertThat(two.code()).as(two.err()).isZero();
        assertThat(level("song-stems/drums.wav")).isCloseTo(0.21, within(1e-3));
        assertThat(level("song-stems/bass.wav")).isCloseTo(0.42, within(1e-3));
        assertThat(level("song-stems/other.wav")).isCloseTo(0.63, within(1e-3));
        assertThat(level("song-stems/vocals.wav")).isCloseTo(0.84, within(1e-3));
        assertThat(level("song-stems/no_bass.wav")).isCloseTo(0.21 + 0.63 + 0.84, within(1e-3));
    }

    /** Writes the graphs to a folder, and the guide's entry for the model, with them as its files, as the user's catalogue. */
    private void bring(String model, Map<String, TinyDemucs> graphs) throws IOException {
        String example = EXAMPLES.matcher(Files.readString(GUIDE))
                .results()
                .map(found -> found.group(1))
                .filter(text -> text.startsWith("models:\n  " + model + ":"))
                .findFirst()
                .orElseThrow();
        Path source = Files.createDirectories(ground.resolve("mine"));
        StringBuilder entry = new StringBuilder();
        Matcher files = FILE.matcher(example);
        while (files.find()) {
            String name = files.group(1);
            TinyDemucs graph = Optional.ofNullable(graphs.get(name)).orElseThrow();
            Path file = graph.writeTo(source.resolve(name));
            files.appendReplacement(entry, Matcher.quoteReplacement(RealHouse.entryOf(file)));
        }
        files.appendTail(entry);
        String catalogue = SOURCE.matcher(entry).replaceFirst(Matcher.quoteReplacement("- file: " + source));
        house.catalogue(catalogue.replaceFirst("memory: .*", "memory: 500 MiB"));
        assertThat(source).isDirectoryContaining("glob:**.onnx");
    }

    /** By what factor the song was multiplied to give this file. */
    private double level(String file) {
        return rms(house.here.resolve(file)) / rms(house.here.resolve("song.wav"));
    }

    private static double rms(Path file) {
        AudioInput input = new AudioInput(String.valueOf(file.getFileName()), file);
        Cancellation never = new Cancellation();
        float[][] block = new float[2][8192];
        double sum = 0;
        long count = 0;
        try (ClipReader reader = RealHouse.audio()
                .open(input, RealHouse.audio().probe(input, never), new Layout(RATE, 2), false, never)) {
            for (int got = reader.read(block, 0, 8192); got >= 0; got = reader.read(block, 0, 8192)) {
                for (int i = 0; i < got; i++) {
                    sum += block[0][i] * block[0][i] + block[1][i] * block[1][i];
                }
                count += 2L * got;
            }
        }
        return Math.sqrt(sum / count);
    }
}
