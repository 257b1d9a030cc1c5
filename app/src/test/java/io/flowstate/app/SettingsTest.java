package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest extends CommandLineTest {
    private static final Map<String, String> FILE = Map.of("FLOWSTATE_CONFIG", "flowstate.yaml");

    /** For each key a value that is not its default. */
    private static final Map<Key<?>, String> OTHERS = others();

    @Test
    void the_docs_list_every_key_with_its_default() throws IOException {
        Path page = Path.of(System.getProperty("flowstate.root"), "docs", "configuration.md");

        String printed = ConfigurationPage.print();

        if (System.getenv("WRITE_DOCS") != null) {
            Files.createDirectories(page.getParent());
            Files.writeString(page, printed);
        }
        assertThat(page)
                .as("after a change of keys: WRITE_DOCS=1 mvn -pl app -am test")
                .hasContent(printed);
    }

    @Test
    void without_any_source_every_key_has_its_default() {
        Settings settings = read(Map.of());

        assertThat(settings.file()).isEmpty();
        assertThat(settings.all()).extracting(Settings.Setting::origin).containsOnly("default");
        assertThat(settings.all()).hasSameSizeAs(Keys.ALL);
        assertThat(settings.get(Keys.SERVER_PORT)).isEqualTo(7070);
        assertThat(settings.get(Keys.SERVER_HOST)).isEqualTo("127.0.0.1");
        assertThat(settings.get(Keys.MODELS_HUB_TOKEN)).isEmpty();
        assertThat(settings.get(Keys.ENGINE_THREADS)).isEmpty();
    }

    @Test
    void every_key_can_be_set_in_the_file() throws IOException {
        StringBuilder yaml = new StringBuilder();
        String group = "";
        for (Map.Entry<Key<?>, String> entry : OTHERS.entrySet()) {
            if (!entry.getKey().group().equals(group)) {
                group = entry.getKey().group();
                yaml.append(group).append(":\n");
            }
            yaml.append("  %s: \"%s\"%n".formatted(entry.getKey().shortName(), entry.getValue()));
        }
        file("flowstate.yaml", yaml.toString());
        Settings defaults = Settings.read(terminal(Map.of()), Optional.of(file("empty.yaml", "")), Map.of());

        Settings settings = read(FILE);

        for (Key<?> key : Keys.ALL) {
            assertThat((Object) settings.get(key)).as(key.name()).isNotEqualTo(defaults.get(key));
        }
        assertThat(settings.all())
                .extracting(Settings.Setting::origin)
                .allMatch(place -> place.matches("flowstate\\.yaml:\\d+:\\d+"));
    }

    @Test
    void every_key_can_be_set_by_an_environment_variable() throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        OTHERS.forEach((key, value) -> environment.put(key.variable(), value));
        Settings defaults = read(Map.of());

        Settings settings = read(environment);

        for (Key<?> key : Keys.ALL) {
            assertThat((Object) settings.get(key)).as(key.name()).isNotEqualTo(defaults.get(key));
        }
        assertThat(settings.all()).extracting(Settings.Setting::origin).contains("environment FLOWSTATE_SERVER_PORT");
    }

    @Test
    void options_beat_the_environment_which_beats_the_file() throws IOException {
        file("flowstate.yaml", "server: {host: localhost, port: 1001, drain: 1s}");

        Settings settings = Settings.read(
                terminal(Map.of("FLOWSTATE_SERVER_PORT", "1002", "FLOWSTATE_SERVER_DRAIN", "2s")),
                Optional.of(Path.of("flowstate.yaml")),
                Map.of(Keys.SERVER_DRAIN, "3s"));

        assertThat(settings.get(Keys.SERVER_HOST)).isEqualTo("localhost");
        assertThat(settings.get(Keys.SERVER_PORT)).isEqualTo(1002);
        assertThat(settings.get(Keys.SERVER_DRAIN)).hasSeconds(3);
    }

    @Test
    void a_server_may_be_told_to_wait_for_nothing_when_it_stops() {
        assertThat(Settings.read(terminal(Map.of()), Optional.empty(), Map.of(Keys.SERVER_DRAIN, "0s"))
                        .get(Keys.SERVER_DRAIN))
                .isZero();
    }

    @Test
    void the_hub_s_own_variables_are_understood() {
        Settings settings = read(Map.of("HF_ENDPOINT", "https://mirror.example", "HF_TOKEN", "hf_abc"));

        assertThat(settings.get(Keys.MODELS_HUB_ENDPOINT)).hasHost("mirror.example");
        assertThat(settings.get(Keys.MODELS_HUB_TOKEN).orElseThrow().value()).isEqualTo("hf_abc");
    }

    @Test
    void a_relative_path_in_the_file_starts_at_the_file() throws IOException {
        Path file = file("etc/my.yaml", "models: {folder: store}");

        Settings settings = Settings.read(terminal(Map.of()), Optional.of(file), Map.of());

        assertThat(settings.get(Keys.MODELS_FOLDER)).contains(folder.resolve("etc/store"));
    }

    @Test
    void the_file_is_the_one_that_is_named_or_else_the_user_s() throws IOException {
        Path user = temp.resolve("home/.config/flowstate/flowstate.yaml");
        Files.createDirectories(user.getParent());
        Files.writeString(user, "server: {port: 1}");
        assertThat(read(Map.of()).file()).contains(user);

        Path named = file("other.yaml", "server: {port: 2}");
        assertThat(read(Map.of("FLOWSTATE_CONFIG", named.toString())).file()).contains(named);
        assertThat(Settings.read(terminal(Map.of("FLOWSTATE_CONFIG", named.toString())), Optional.of(user), Map.of())
                        .file())
                .contains(user);
    }

    @Test
    void a_file_that_merely_lies_in_the_current_folder_is_not_read_and_said_to_be_not() throws IOException {
        file("flowstate.yaml", "audio: {ffmpeg: ./evil}\nmodels: {hub_endpoint: 'https://evil.example'}");
        file("flowstate/flowstate.yaml", "audio: {ffmpeg: ./evil}");

        Settings settings = read(Map.of("XDG_CONFIG_HOME", "."));

        assertThat(settings.all()).extracting(Settings.Setting::origin).containsOnly("default");
        assertThat(complained())
                .contains("the flowstate.yaml in this folder is not read. If you trust it: --config flowstate.yaml");
    }

    @Test
    void whoever_has_named_the_file_in_the_current_folder_is_not_warned() throws IOException {
        file("flowstate.yaml", "server: {port: 2}");

        assertThat(read(FILE).get(Keys.SERVER_PORT)).isEqualTo(2);

        assertThat(complained()).isEmpty();
    }

    @Test
    void a_named_file_must_be_there() {
        assertThatThrownBy(() -> Settings.read(terminal(Map.of()), Optional.of(Path.of("gone.yaml")), Map.of()))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.BAD_CONFIG))
                .hasMessageContaining("gone.yaml");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "server: {drain: 30 sec} | flowstate.yaml:1:17 server.drain: must be a duration like 30s, 5m or 250ms, was \"30 sec\"",
                "server: {port: 70000} | flowstate.yaml:1:16 server.port: must be a whole number 0..65535, was \"70000\"",
                "server: {prt: 7070} | flowstate.yaml:1:10 server.prt: is not known; did you mean port?",
                "sever: {port: 7070} | flowstate.yaml:1:1 sever: is not known; did you mean server?",
                "models: {offline: yes} | flowstate.yaml:1:19 models.offline: must be true or false, was \"yes\"",
                "models: {min_free: 3 gigs} | flowstate.yaml:1:20 models.min_free: must be a size like 512 MiB, was \"3 gigs\"",
                "models: {hub_endpoint: hub} | flowstate.yaml:1:24 models.hub_endpoint: must be an address like https://example.org, was \"hub\"",
                "engine: {threads: 0} | flowstate.yaml:1:19 engine.threads: must be auto or a whole number 1..256, was \"0\"",
                "engine: {memory: lots} | flowstate.yaml:1:18 engine.memory: must be auto or a size like 4 GiB, was \"lots\"",
                "engine: {idle_unload: 0s} | flowstate.yaml:1:23 engine.idle_unload: must be a duration like 30s, 5m or 250ms, was \"0s\"",
                "log: {format: xml} | flowstate.yaml:1:15 log.format: must be auto, text or json, was \"xml\"",
                "server: [1, 2] | flowstate.yaml:1:9 server: must be a mapping of keys to values",
                "server: {port: [1]} | flowstate.yaml:1:16 server.port: must be a single value",
                "server: { | flowstate.yaml:"
            })
    void a_mistake_in_the_file_is_told_with_its_place(String yaml, String message) throws IOException {
        file("flowstate.yaml", yaml);

        assertThatThrownBy(() -> read(FILE))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.BAD_CONFIG))
                .hasMessageStartingWith(message);
    }

    @Test
    void all_mistakes_of_all_sources_are_told_together() throws IOException {
        file("flowstate.yaml", "server:\n  port: x\n  drain: y\n");

        assertThatThrownBy(
                        () -> read(Map.of("FLOWSTATE_CONFIG", "flowstate.yaml", "FLOWSTATE_MODELS_OFFLINE", "maybe")))
                .message()
                .contains("flowstate.yaml:2:9 server.port", "flowstate.yaml:3:10 server.drain")
                .contains("environment FLOWSTATE_MODELS_OFFLINE models.offline: must be true or false, was \"maybe\"");
    }

    @Test
    void config_shows_where_each_value_comes_from_but_no_secret() throws IOException {
        file("flowstate.yaml", "models:\n  hub_token: hf_secret\n");

        int code = run(Map.of("FLOWSTATE_SERVER_PORT", "8080"), "config", "--config", "flowstate.yaml");

        assertThat(code).isZero();
        assertThat(said())
                .contains("•••", "flowstate.yaml:2:14")
                .containsPattern("server\\.port +8080 +environment FLOWSTATE_SERVER_PORT")
                .doesNotContain("hf_secret");
    }

    @Test
    void a_wrong_configuration_is_a_setup_failure() throws IOException {
        file("flowstate.yaml", "server: {port: x}");

        assertThat(run(FILE, "config")).isEqualTo(Failures.SETUP);

        assertThat(complained()).contains("flowstate.yaml:1:16 server.port", "Correct the line above");
    }

    private Settings read(Map<String, String> environment) {
        return Settings.read(terminal(environment), Optional.empty(), Map.of());
    }

    private static Map<Key<?>, String> others() {
        Map<Key<?>, String> others = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) {
            others.put(
                    key,
                    switch (key.fallback()) {
                        case "true", "false" -> key.fallback().equals("true") ? "false" : "true";
                        case "auto" ->
                            switch (key.name()) {
                                case "engine.threads" -> "3";
                                case "engine.memory" -> "3 GiB";
                                case "log.format" -> "json";
                                default -> "some/path";
                            };
                        default ->
                            switch (key.name()) {
                                case "models.hub_endpoint", "client.server" -> "https://mirror.example";
                                case "models.hub_token" -> "hf_other";
                                case "server.host" -> "::1";
                                case "server.roles" -> "worker";
                                case "jobs.lanes" -> "local=2";
                                case "server.allowed_hosts", "server.allowed_origins" -> "a.example, b.example";
                                default ->
                                    key.rule().contains("duration")
                                            ? "17s"
                                            : key.rule().contains("size") ? "17 MiB" : "17";
                            };
                    });
        }
        return others;
    }
}
