package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Status;
import io.flowstate.testkit.Script;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiDescriptionTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    private final Described described =
            new Described(server.get("/openapi.json").body());

    @Test
    void every_route_is_described_and_everything_described_is_a_route() {
        try (TestServer keeping = new TestServer(new TestStore(Clock.systemUTC()))) {
            Router router = keeping.server.router();

            assertThat(described.operations())
                    .containsExactlyInAnyOrderElementsOf(router.routes().stream()
                            .map(route -> route.method() + " " + route.pattern())
                            .toList());
        }
    }

    @Test
    void every_option_is_described_as_parameter_and_as_field() {
        assertOptionsAreDescribed("/v1/stems", JobOptions.STEMS);
        assertOptionsAreDescribed("/v1/jobs", JobOptions.JOBS);
    }

    private void assertOptionsAreDescribed(String pattern, List<String> options) {
        assertThat(described.parameters("POST", pattern)).containsExactlyInAnyOrderElementsOf(options);
        assertThat(described.fields("POST", pattern, "application/json")).containsExactlyInAnyOrderElementsOf(options);
        List<String> withFile = new ArrayList<>(options);
        withFile.add("file");
        assertThat(described.fields("POST", pattern, "multipart/form-data"))
                .containsExactlyInAnyOrderElementsOf(withFile);
    }

    @Test
    void every_error_code_is_described() {
        assertThat(described.codes())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Code.values()).map(Code::id).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/models", "/v1/deployments"})
    void what_is_read_is_as_described(String path) {
        server.worker.stands(new Status(Optional.of("it is away"), false, 1, 2, 3));

        HttpResponse<String> answer = server.get(path);

        assertThat(answer.statusCode()).isEqualTo(200);
        described.matches("GET", path, answer);
        assertThat(answer.headers().firstValue("flowstate-attempts")).contains("0");
        assertThat(answer.headers().firstValue("flowstate-duration-ms")).isPresent();
    }

    @Test
    void a_model_is_as_described_and_so_is_its_absence() {
        described.matches("GET", "/v1/models/{id}", server.get("/v1/models/htdemucs"));
        HttpResponse<String> missing = server.get("/v1/models/nothing");
        assertThat(missing.statusCode()).isEqualTo(404);
        described.matches("GET", "/v1/models/{id}", missing);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"task\": \"stems\"}",
                "{\"task\": \"stems\", \"audio_seconds\": 61.5, \"model\": \"htdemucs\", \"priority\": \"background\", \"data\": \"local-only\"}",
                "{\"task\": \"stems\", \"max_cost_usd\": 0.5, \"deadline_ms\": 1000, \"providers\": [\"local\", \"worker\"], \"commercial_use\": true}"
            })
    void plans_are_as_described(String request) {
        described.accepts("POST", "/v1/plan", request);

        HttpResponse<String> answer = server.post("/v1/plan", "application/json", request);

        assertThat(answer.statusCode()).isEqualTo(200);
        described.matches("POST", "/v1/plan", answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"task\": \"dance\"}",
                "{\"task\": \"stems\", \"audio_seconds\": -1}",
                "{\"task\": \"stems\", \"priority\": \"soon\"}",
                "{\"task\": \"stems\", \"model\": {}}",
                "{\"task\": \"stems\", \"audio_seconds\": \"180\"}",
                "{\"task\": \"stems\", \"commercial_use\": \"true\"}",
                "{\"task\": \"stems\", \"providers\": []}",
                "{\"task\": \"stems\", \"modell\": \"htdemucs\"}"
            })
    void what_the_description_rejects_the_server_rejects_too(String request) {
        described.rejects("POST", "/v1/plan", request);

        HttpResponse<String> answer = server.post("/v1/plan", "application/json", request);

        assertThat(answer.statusCode()).isEqualTo(400);
        described.matches("POST", "/v1/plan", answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"?stems=vocals", "?stems=bass&format=flac", "?stems=bass&format=mp3", "?two_stems=drums", ""})
    void stems_are_as_described(String query) {
        HttpResponse<String> answer = server.stems(query, "RIFF");

        assertThat(answer.statusCode()).isEqualTo(200);
        described.matches("POST", "/v1/stems", answer);
    }

    /** Whatever a provider may fail with. What only the server itself says, and never of stems, is left out. */
    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {
                "NOT_FOUND",
                "METHOD_NOT_ALLOWED",
                "BAD_RANGE",
                "UNSUPPORTED_VERSION",
                "CHECKSUM_MISMATCH",
                "MISDIRECTED"
            })
    void every_failure_of_stems_is_as_described(Code code) {
        for (int i = 0; i < 2; i++) {
            server.local.next(Script.start().fail(FlowError.of(code, "It went wrong: %s.", code.id())));
            server.worker.next(Script.start().fail(FlowError.of(code, "It went wrong: %s.", code.id())));
        }

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(code.httpStatus());
        assertThat(answer.body()).contains("\"code\":\"%s\"".formatted(code.id()));
        described.matches("POST", "/v1/stems", answer);
    }

    @Test
    void a_file_that_ended_too_early_is_told_in_a_header() {
        server.local.missing(Duration.ofMillis(19_170));

        for (String query : List.of("?stems=vocals&allow_truncated=true", "?allow_truncated=true")) {
            HttpResponse<String> answer = server.stems(query, "RIFF");

            assertThat(answer.headers().firstValue("flowstate-audio-missing-seconds"))
                    .contains("19.170");
            described.matches("POST", "/v1/stems", answer);
        }
    }

    /** Whoever fetched it knows the server's name, which the server behind a proxy does not. */
    @Test
    void the_description_names_the_server_as_it_was_reached() {
        assertThat(Json.parseObject(server.get("/openapi.json").body().getBytes(StandardCharsets.UTF_8))
                        .at("/servers/0/url")
                        .asString())
                .isEqualTo("/");
    }

    @Test
    void the_description_carries_the_version_that_runs() {
        assertThat(Json.parseObject(server.get("/openapi.json").body().getBytes(StandardCharsets.UTF_8))
                        .at("/info/version")
                        .asString())
                .isEqualTo("1.2.3");
    }
}
