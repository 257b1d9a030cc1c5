package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A person at the command line is not sent to an address of the API. */
final class ServerWordsTest {
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    private static final Pattern API = Pattern.compile("(GET|POST|DELETE) (/|%s/)|%s/events");

    /** Advice for requests that no command sends. */
    private static final List<String> NOT_FOR_COMMANDS = List.of(
            "Add the header \\\"Prefer: respond-async\\\", or use POST /v1/jobs.",
            "POST /v1/uploads begins a new one.");

    @Test
    void nothing_that_a_server_advises_names_an_address() throws IOException {
        List<String> advice = Stream.of("jobs", "server", "core", "egress", "storage")
                .flatMap(ServerWordsTest::advice)
                .filter(text -> API.matcher(text).find())
                .filter(text -> !NOT_FOR_COMMANDS.contains(text))
                .toList();

        assertThat(advice).hasSizeGreaterThan(5);
        assertThat(advice.stream()
                        .map(text -> ServerWords.translated(text.replace("/%s/", "/job_1/")
                                .replace("%s/", "/v1/jobs/job_1/")
                                .replace("%s", "job_1"))))
                .noneMatch(text -> text.contains("/v1/") || text.contains("/openapi") || text.contains("GET "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /v1/jobs lists yours; old ones are forgotten. | flowstate jobs list shows yours; old ones are forgotten.",
                "GET /v1/jobs/job_1/deliveries lists those that it has. | flowstate webhooks list job_1 shows those that it has.",
                "The job says why in `error`; POST /v1/jobs/job_1/retry tries again. | flowstate jobs show job_1 says why; flowstate jobs retry job_1 tries again.",
                "Allow more time, or give it priority realtime. | Allow more time, or give it priority realtime."
            })
    void what_users_of_the_api_are_told_is_said_in_commands(String there, String here) {
        assertThat(ServerWords.translated(there)).isEqualTo(here);
    }

    private static Stream<String> advice(String module) {
        Path sources = Path.of("..", module, "src", "main", "java");
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream()
                    .flatMap(ServerWordsTest::literals);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Stream<String> literals(Path file) {
        try {
            return LITERAL.matcher(Files.readString(file)).results().map(found -> found.group(1)).toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
