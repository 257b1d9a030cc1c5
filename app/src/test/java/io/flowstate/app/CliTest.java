package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class CliTest extends CommandLineTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"stems", "serve", "jobs", "webhooks", "models", "doctor", "config", "version", "completion"})
    void every_command_has_help_with_an_example(String command) {
        assertThat(run(command, "--help")).isZero();

        assertThat(said())
                .contains("Usage: flowstate " + command)
                .contains("Example", "--help")
                .containsPattern("Example[^$]*flowstate " + command);
        assertThat(said().lines()).allMatch(line -> line.length() <= 160);
    }

    /** An option that is set nowhere is understood by nobody. Those that all commands share need an example in one of them. */
    @Test
    void every_option_and_subcommand_is_in_an_example() {
        CommandLine root = new Cli(terminal(Map.of()), _ -> house, Clock.systemUTC()).commands();
        String all = examples(root) + examples(root.getSubcommands().values());
        String ofStems = examples(root.getSubcommands().values().stream()
                .filter(command -> command.getCommandName().equals("stems"))
                .toList());
        Set<String> shared = Set.of("--config", "--verbose", "--help", "--version");

        root.getSubcommands().forEach((name, command) -> {
            String here = examples(command)
                    + examples(command.getSubcommands().values())
                    // What jobs submit takes as stems does, is shown there.
                    + (name.equals("jobs") ? ofStems : "");
            Stream.concat(Stream.of(command), command.getSubcommands().values().stream())
                    .flatMap(each -> each.getCommandSpec().options().stream())
                    .filter(option -> !shared.contains(option.longestName()))
                    .forEach(option -> assertThat(Arrays.asList(option.names()))
                            .as("%s: an option in its examples", name)
                            .anyMatch(here::contains));
            command.getSubcommands().keySet().forEach(each -> assertThat(here).contains(name + " " + each));
        });
        assertThat(all).contains("--config", "--verbose");
    }

    private static String examples(Collection<CommandLine> commands) {
        return commands.stream().map(CliTest::examples).collect(Collectors.joining("\n"));
    }

    private static String examples(CommandLine command) {
        return String.join("\n", command.getCommandSpec().usageMessage().footer());
    }

    @Test
    void without_a_command_the_commands_are_listed() {
        assertThat(run()).isZero();

        assertThat(said()).contains("stems", "serve", "models", "doctor", "config", "version", "completion");
        assertThat(complained()).isEmpty();
    }

    @Test
    void a_group_without_a_command_lists_its_commands() {
        assertThat(run("models")).isZero();

        assertThat(said()).contains("list", "pull", "optimize", "verify", "path", "licenses", "rm");
        assertThat(complained()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stems | flowstate stems needs INPUT, for example: flowstate stems song.flac",
                "models pull | flowstate models pull needs MODEL, for example: flowstate models pull htdemucs",
                "completion | flowstate completion needs SHELL, for example: source <(flowstate completion bash)"
            })
    void a_command_without_what_it_needs_says_so_in_one_line_with_an_example(String command, String complaint) {
        assertThat(run(command.split(" "))).isEqualTo(Failures.USAGE);

        assertThat(complained()).isEqualTo(complaint + System.lineSeparator());
        assertThat(said()).isEmpty();
    }

    @Test
    void a_shell_without_completion_is_answered_with_those_that_have_one() {
        assertThat(run("completion", "fish")).isEqualTo(Failures.USAGE);

        assertThat(complained()).contains("There is no completion for \"fish\".", "There is one for bash and for zsh.");
    }

    @Test
    void a_mistyped_command_is_answered_with_the_one_that_was_meant() {
        assertThat(run("stem", "song.wav")).isEqualTo(Failures.USAGE);

        assertThat(complained()).contains("stems");
    }

    @Test
    void the_version_can_be_read_by_a_program() {
        assertThat(run("version", "--json")).isZero();

        JsonNode version = new JsonMapper().readTree(said());
        assertThat(version.get("version").asString()).isNotEmpty();
        assertThat(version.get("java").asString()).startsWith("25");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void the_completion_script_is_one_that_the_shell_takes(String shell) throws IOException, InterruptedException {
        Path program = Path.of("/bin").resolve(shell);
        assumeThat(Files.isExecutable(program))
                .as("SKIPPED: there is no " + shell)
                .isTrue();
        assertThat(run("completion", shell)).isZero();
        Path script = file("completion", said() + "\ntype _complete_flowstate\n");

        Process process = new ProcessBuilder(program.toString(), script.toString())
                .redirectErrorStream(true)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(answer).isZero();
        assertThat(answer).contains("function");
        assertThat(said()).contains("two-stems", "optimize", "licenses");
    }

    @Test
    void doctor_has_a_line_for_everything_and_says_what_to_do() throws IOException {
        file("flowstate.yaml", "engine: {memory: 100 MiB}");

        int code = run("doctor", "--config", "flowstate.yaml");

        assertThat(said())
                .containsPattern("ok +java")
                .containsPattern("ok +processor +\\d+ cores")
                .contains("memory", "disk", "configuration", "flowstate.yaml")
                .containsPattern("ok +onnxruntime +1\\.\\d+")
                .containsPattern("ok +ffmpeg +8.*Lesser General Public License")
                .containsPattern("PROBLEM +memory .*htdemucs takes 2.5 GiB and models may take 100 MiB")
                .contains("raise engine.memory");
        assertThat(code).isEqualTo(Failures.SETUP);
    }

    @Test
    void a_variable_that_is_misspelt_is_told_with_the_one_that_was_meant() {
        Map<String, String> environment = Map.of(
                "FLOWSTATE_SERVR_PORT", "8080",
                "FLOWSTATE_MODELS_OFFLINE", "false",
                "FLOWSTATE_HOME", temp.toString(),
                "FLOWSTATE_SERVICE_HOST", "10.0.0.1",
                "FLOWSTATE_PORT", "tcp://10.0.0.1:7070",
                "FLOWSTATE_WEB_PORT_7070_TCP_ADDR", "10.0.0.1");
        String told = "there is no variable FLOWSTATE_SERVR_PORT; did you mean FLOWSTATE_SERVER_PORT?";

        assertThat(run(environment, "config")).isZero();
        assertThat(complained().lines()).containsExactly("flowstate: " + told);

        assertThat(run(environment, "doctor")).isEqualTo(Failures.SETUP);
        assertThat(said()).containsOnlyOnce("PROBLEM  environment").contains(told, "unset it");
    }

    @Test
    void doctor_says_where_no_folder_can_be_made() {
        assumeThat(Path.of("/proc/self")).as("SKIPPED: there is no /proc").isDirectory();
        house.close();
        house = new TestHouse(temp.resolve("other"), Path.of("/proc/nowhere"));

        assertThat(run("doctor")).isEqualTo(Failures.SETUP);

        assertThat(said())
                .containsPattern("PROBLEM +disk +no folder can be made in /proc ")
                .doesNotContain("0 B");
    }

    @Test
    void doctor_keeps_several_mistakes_in_one_column() throws IOException {
        file("flowstate.yaml", "server: {port: x}\nengine: {queue: y}\n");

        assertThat(run("doctor", "--config", "flowstate.yaml")).isEqualTo(Failures.SETUP);

        assertThat(said())
                .containsPattern("(?m)^PROBLEM  configuration  flowstate.yaml")
                .containsPattern("(?m)^ {24}flowstate.yaml");
    }

    @Test
    void doctor_in_json_tells_of_a_wrong_configuration_instead_of_giving_up() throws IOException {
        file("flowstate.yaml", "server: {port: x}");

        assertThat(run("doctor", "--json", "--config", "flowstate.yaml")).isEqualTo(Failures.SETUP);

        JsonNode answer = new JsonMapper().readTree(said());
        assertThat(answer.get("ok").asBoolean()).isFalse();
        assertThat(answer.get("findings").values()).anySatisfy(finding -> {
            assertThat(finding.get("subject").asString()).isEqualTo("configuration");
            assertThat(finding.get("ok").asBoolean()).isFalse();
            assertThat(finding.get("what").asString()).contains("server.port");
        });
    }

    @Test
    void models_are_listed_fetched_checked_and_deleted() {
        assertThat(run("models", "list")).isZero();
        assertThat(said()).contains("htdemucs", "no");
        assertThat(run("models", "verify")).isZero();
        assertThat(complained()).contains("No model is here yet. There are: htdemucs.", "flowstate models pull");

        assertThat(run("models", "pull", "htdemucs")).as(complained()).isZero();
        assertThat(complained()).contains("Licence of htdemucs (personal and research use)");
        assertThat(run("models", "verify")).isZero();
        assertThat(said()).containsPattern("htdemucs +ok ");
        assertThat(complained()).contains("htdemucs: verifying the model");

        out.reset();
        assertThat(run("models", "path", "htdemucs")).isZero();
        assertThat(Path.of(said().strip())).isDirectoryContaining("glob:**.onnx");

        assertThat(run("models", "rm", "htdemucs")).isZero();
        assertThat(run("models", "path", "htdemucs")).isEqualTo(Failures.SETUP);
        assertThat(complained()).contains("flowstate models pull htdemucs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pull", "optimize", "verify", "rm", "path"})
    void help_of_a_models_command_tells_what_a_model_is(String command) {
        assertThat(run("models", command, "--help")).isZero();

        assertThat(said())
                .containsPattern("MODEL.*A model of the catalogue")
                .contains("%n%n  ".formatted(), "flowstate models " + command);
    }

    @Test
    void config_tells_what_auto_comes_to() {
        assertThat(run("config")).isZero();

        assertThat(said())
                .containsPattern("engine\\.threads +auto \\(\\d+\\) +default")
                .containsPattern("engine\\.memory +auto \\([0-9.]+ [MG]iB\\) +default");
    }

    @Test
    void the_completion_script_knows_the_values_of_options() {
        assertThat(run("completion", "bash")).isZero();

        assertThat(said())
                .contains(
                        "\"wav\" \"flac\"",
                        "\"32f\"",
                        "\"rescale\"",
                        "\"standard\" \"best\"",
                        "\"vocals\"",
                        "\"htdemucs\"")
                .startsWith("# Completion of flowstate for bash and zsh")
                .contains("source <(flowstate completion bash)")
                .doesNotContain("YOUR_APP_HOME", "http", "(see [");
    }

    @Test
    void a_damaged_model_is_a_setup_failure() throws IOException {
        run("models", "pull", "-q", "htdemucs");
        Path graph = house.models()
                .find(house.catalogue().model("htdemucs"))
                .orElseThrow()
                .file("graph");
        Files.writeString(graph, "WEIGHTS");

        assertThat(run("models", "verify", "htdemucs")).isEqualTo(Failures.SETUP);

        assertThat(said()).contains("wrong_checksum");
        assertThat(complained()).contains("will not be used");
    }

    @Test
    void an_unknown_model_is_answered_with_the_known_ones() {
        assertThat(run("models", "pull", "demucs9")).isEqualTo(Failures.USAGE);

        assertThat(complained()).contains("There is no model \"demucs9\"", "htdemucs");
    }

    @Test
    void licences_tell_what_may_be_done() {
        assertThat(run(Map.of(), "models", "licenses")).isZero();

        assertThat(said()).contains("personal and research use", "commercial use  not allowed");
    }
}
