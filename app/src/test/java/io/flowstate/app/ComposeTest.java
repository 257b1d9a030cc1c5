package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What of the files in {@code deploy} can be seen without running anything; {@link ComposeLayoutTest} runs it. */
final class ComposeTest {
    /** A name of Docker Hub, of somebody's or of nobody's, and a version in its tag. */
    private static final Pattern PINNED = Pattern.compile("([a-z]+/)?[a-z-]+:[A-Za-z.-]*\\d[\\w.-]*");

    @Test
    void every_image_is_of_one_version() throws IOException {
        assertThat(compose().services().values())
                .allMatch(each -> PINNED.matcher(each.image()).matches());
        assertThat(found("FROM (\\S+)", Compose.text("Dockerfile")))
                .hasSize(3)
                .allMatch(image -> PINNED.matcher(image).matches());
    }

    @Test
    void there_are_two_nodes_of_each_role_and_all_have_the_same_settings() throws IOException {
        Compose compose = compose();

        assertThat(compose.nodes("api")).hasSize(2);
        assertThat(compose.nodes("worker")).hasSize(2);
        assertThat(List.of(compose.nodes("api"), compose.nodes("worker")).stream()
                        .flatMap(List::stream)
                        .map(Compose.Service::environment)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void every_setting_of_a_node_is_one_that_flowstate_has() throws IOException {
        List<String> known = Keys.ALL.stream().map(Key::variable).toList();

        assertThat(compose().service("api-1").environment().keySet()).isSubsetOf(known);
    }

    @Test
    void every_variable_is_in_the_example_and_no_secret_has_a_value_there() throws IOException {
        String example = Compose.text(".env.example");

        assertThat(new TreeSet<>(found("(?m)^([A-Z_]+)=", example))).isEqualTo(Compose.variables());
        assertThat(found("(?m)^(?:DATABASE_PASSWORD|STORE_SECRET_KEY)=(.*)$", example))
                .containsExactly("", "");
    }

    @Test
    void the_balancer_knows_the_nodes_with_the_role_api_and_no_others() throws IOException {
        assertThat(found("server (\\S+):7070", Compose.text("nginx.conf")))
                .containsExactlyElementsOf(compose().nodes("api").stream()
                        .map(Compose.Service::name)
                        .toList());
    }

    @Test
    void whatever_a_service_waits_for_is_there() throws IOException {
        Compose compose = compose();

        compose.services()
                .values()
                .forEach(each -> assertThat(compose.services().keySet())
                        .containsAll(each.dependsOn().keySet()));
        assertThat(compose.service("worker-1").dependsOn()).containsKeys("database", "bucket", "models");
        assertThat(compose.service("api-1").dependsOn()).containsKeys("database", "bucket");
    }

    @Test
    void a_node_is_given_more_time_to_stop_than_it_takes() throws IOException {
        assertThat(compose().service("api-1").environment()).containsEntry("FLOWSTATE_SERVER_DRAIN", "2m");
        assertThat(found("stop_grace_period: (\\S+)", Compose.text("compose.yaml")))
                .containsExactly("150s", "150s");
    }

    private static Compose compose() throws IOException {
        Map<String, String> variables = new HashMap<>();
        Compose.variables().forEach(name -> variables.put(name, "given"));
        return Compose.read(variables);
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }
}
