package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadRequestsTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GARBAGE\\n\\n | 400",
                "GET / HTTP/1.1\\n\\n | 400",
                "GET / HTTP/9.9\\nHost: localhost\\n\\n | 505",
                "GET /%zz HTTP/1.1\\nHost: localhost\\n\\n | 400",
                "GET /healthz HTTP/1.1\\nHost: localhost\\nbad header\\n\\n | 400",
                "POST /v1/plan HTTP/1.1\\nHost: localhost\\nContent-Length: many\\n\\n | 400",
                "POST /v1/plan HTTP/1.1\\nHost: localhost\\nContent-Length: 1\\nContent-Length: 2\\n\\n{} | 400",
                "POST /v1/plan HTTP/1.1\\nHost: localhost\\nTransfer-Encoding: chunked\\n\\nzz\\n | 400",
                "GET /healthz HTTP/1.1\\nHost: localhost\\nExpect: miracles\\n\\n | 417"
            })
    void what_is_not_http_gets_a_json_error(String request, int status) throws IOException {
        try (RawClient client = new RawClient(server.port()).says(request.replace("\\n", "\n"))) {
            assertIsJsonError(client.hearsAll(), status);
        }
    }

    @Test
    void an_address_that_is_too_long_is_414() throws IOException {
        try (RawClient client =
                new RawClient(server.port()).says("GET /" + "a".repeat(20_000) + " HTTP/1.1\nHost: localhost\n\n")) {
            assertIsJsonError(client.hearsAll(), 414);
        }
    }

    @Test
    void headers_that_are_too_long_are_431() throws IOException {
        try (RawClient client = new RawClient(server.port())
                .says("GET / HTTP/1.1\nHost: localhost\nX: " + "a".repeat(20_000) + "\n\n")) {
            assertIsJsonError(client.hearsAll(), 431);
        }
    }

    private static void assertIsJsonError(String answer, int status) {
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status)
                .contains("X-Request-Id: ", "Content-Type: application/json");
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(body)
                .startsWith("{\"error\":{\"code\":\"")
                .endsWith("}}")
                .doesNotContain("<", "\tat ", "eclipse", "Exception");
    }

    @Test
    void an_unknown_address_is_404_and_a_wrong_method_405_with_those_allowed() {
        assertThat(server.get("/v2").statusCode()).isEqualTo(404);
        assertThat(server.get("/v1/models/").statusCode()).isEqualTo(404);
        assertThat(server.get("/v1/models/a/b").statusCode()).isEqualTo(404);
        HttpResponse<String> get = server.get("/v1/stems");
        assertThat(get.statusCode()).isEqualTo(405);
        assertThat(get.headers().firstValue("Allow")).contains("POST");
        HttpResponse<String> delete = server.send(
                HttpRequest.newBuilder(server.uri("/healthz")).DELETE().build());
        assertThat(delete.statusCode()).isEqualTo(405);
        assertThat(delete.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @Test
    void head_is_answered_like_get_but_without_a_body() throws IOException {
        try (RawClient client =
                new RawClient(server.port()).says("HEAD /v1/models HTTP/1.1\nHost: localhost\nConnection: close\n\n")) {
            String answer = client.hearsAll();
            assertThat(answer)
                    .startsWith("HTTP/1.1 200")
                    .contains("Content-Length: ")
                    .endsWith("\r\n\r\n");
            assertThat(answer).doesNotContain("Content-Length: 0\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?stem=vocals | stem | Did you mean `stems`?",
                "?fromat=flac | fromat | Did you mean `format`?",
                "?xyzzyplugh=1 | xyzzyplugh | Options are:",
                "?stems=vocals,violin | stems | Valid names:",
                "?stems=vocals&two_stems=bass | two_stems | cannot be combined",
                "?stems= | stems | leave `stems` out",
                "?providers= | providers | leave `providers` out",
                "?two_stems=violin | two_stems | Valid names:",
                "?format=aiff | format | Valid values: wav, flac",
                "?bits=8 | bits | Valid values: 16, 24, 32f",
                "?format=flac&bits=32f | bits | no float",
                "?bitrate=128 | bitrate | lossless",
                "?format=mp3&bits=16 | bits | is for wav and flac",
                "?format=mp3&bitrate=9999 | bitrate | must be 32..320",
                "?clip=none | clip | only with",
                "?quality=bets | quality | Did you mean best? Valid values: fast, standard, best.",
                "?quality=fast&quality=best | quality | different values",
                "?overlap=1 | overlap | must be 0..0.95",
                "?overlap=much | overlap | must be a number",
                "?overlap=1e999999999 | overlap | number",
                "?shifts=0 | shifts | must be 1..10",
                "?shifts=99999999999 | shifts | out of range",
                "?seed=1.5 | seed | whole number",
                "?seed=1&seed=2 | seed | different values",
                "?allow_truncated=maybe | allow_truncated | true or false",
                "?priority=soon | priority | Valid values: realtime, background",
                "?max_cost_usd=-1 | max_cost_usd | negative",
                "?deadline_ms=0 | deadline_ms | positive",
                "?data=moon | data | local-only or any",
                "?name= | name | must not be empty"
            })
    void a_wrong_option_names_itself_and_says_what_is_right(String query, String field, String says) {
        HttpResponse<String> answer = server.stems(query, "RIFF");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"" + field + "\"").contains(says);
        assertThat(server.local.seen()).isEmpty();
    }

    @Test
    void a_request_that_nothing_can_run_lists_the_reasons() {
        HttpResponse<String> answer = server.stems("?commercial_use=true", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("no_deployment", "personal and research use");
        assertThat(answer.headers().firstValue("flowstate-attempts")).contains("0");
    }

    @Test
    void a_model_that_is_not_known_is_404() {
        HttpResponse<String> answer = server.stems("?model=spleeter", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("unknown_model", "htdemucs");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/x-www-form-urlencoded", "text/plain", "multipart/mixed; boundary=x", "video/mp4"})
    void a_body_of_another_type_is_415(String mediaType) {
        HttpResponse<String> answer = server.post("/v1/stems", mediaType, "RIFF");

        assertIs415(answer, "A body of type \\\"" + mediaType.split(";", 2)[0] + "\\\" is not taken");
    }

    @Test
    void a_body_that_does_not_say_its_type_is_415_too() {
        HttpResponse<String> answer = server.send(HttpRequest.newBuilder(server.uri("/v1/stems"))
                .POST(BodyPublishers.ofString("RIFF"))
                .build());

        assertIs415(answer, "it has no Content-Type");
    }

    private static void assertIs415(HttpResponse<String> answer, String says) {
        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.headers().firstValue("Accept"))
                .contains("multipart/form-data, audio/*, application/ogg, application/octet-stream, application/json");
        assertThat(answer.body())
                .contains(
                        says,
                        "\"field\":\"Content-Type\"",
                        "curl -F file=@song.mp3",
                        "audio/wav, audio/flac, audio/mpeg",
                        "-H 'Content-Type: audio/wav'",
                        "a JSON object that names its url")
                .doesNotContain("unknown");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "\"x\"",
                "{",
                "{\"task\": \"stems\"} {}",
                "{\"task\": \"stems\", \"task\": \"stems\"}",
                "nul",
                "\u0000"
            })
    void a_plan_that_is_not_a_json_object_is_400(String body) {
        HttpResponse<String> answer = server.post("/v1/plan", "application/json", body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("bad_request").doesNotContain("jackson", "Jackson", "Feature");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'task': 'stems', 'task': 'stems'} | task | more than once",
                "{'task': 'stems', 'audio_seconds': '180'} | audio_seconds | must be a number in JSON, was text",
                "{'task': 'stems', 'audio_seconds': true} | audio_seconds | must be a number in JSON, was true or false",
                "{'task': 'stems', 'audio_seconds': [180]} | audio_seconds | must be a number in JSON, was a list",
                "{'task': 'stems', 'audio_seconds': null} | audio_seconds | Leave `audio_seconds` out",
                "{'task': 'stems', 'deadline_ms': '9'} | deadline_ms | Write it without quotes.",
                "{'task': 'stems', 'max_cost_usd': '1'} | max_cost_usd | must be a number in JSON",
                "{'task': 'stems', 'commercial_use': 'true'} | commercial_use | must be true or false in JSON, was text",
                "{'task': 'stems', 'commercial_use': 1} | commercial_use | was a number",
                "{'task': 'stems', 'providers': []} | providers | must not be an empty list",
                "{'task': 'stems', 'providers': ['']} | providers | leave `providers` out",
                "{'task': 'stems', 'model': []} | model | must not be an empty list"
            })
    void a_wrong_value_in_json_names_itself_and_says_what_is_right(String body, String field, String says) {
        HttpResponse<String> answer = server.post("/v1/plan", "application/json", body.replace('\'', '"'));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"" + field + "\"", says);
    }

    @Test
    void a_plan_takes_no_options_from_the_query() {
        HttpResponse<String> answer =
                server.post("/v1/plan?priority=background", "application/json", "{\"task\": \"stems\"}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"priority\"", "JSON object that is the body");
    }

    @Test
    void a_plan_that_is_nested_without_end_is_400() {
        assertThat(server.post("/v1/plan", "application/json", "[".repeat(60_000))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void request_ids_are_taken_when_they_are_harmless_and_made_when_not() {
        assertThat(withId("mine-1.2_3")).isEqualTo("mine-1.2_3");
        assertThat(withId("x".repeat(129))).matches("[0-9a-f-]{36}");
        assertThat(withId("a b\"c")).matches("[0-9a-f-]{36}");
    }

    private String withId(String given) {
        HttpResponse<String> answer = server.send(HttpRequest.newBuilder(server.uri("/nowhere"))
                .header("X-Request-Id", given)
                .build());
        String id = answer.headers().firstValue("X-Request-Id").orElseThrow();
        assertThat(answer.body()).contains("\"request_id\":\"%s\"".formatted(id));
        return id;
    }

    /** Whatever bytes come instead of a request, the server answers or closes, and goes on. */
    @Test
    void noise_never_stops_the_server() throws IOException {
        SplittableRandom random = new SplittableRandom(20261122);
        String valid =
                "POST /v1/plan HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 17\r\n\r\n{\"task\": \"stems\"}";
        for (int i = 0; i < 200; i++) {
            StringBuilder bent = new StringBuilder(valid);
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                bent.setCharAt(random.nextInt(bent.length()), (char) random.nextInt(256));
            }
            try (RawClient client = new RawClient(server.port()).sends(bent.toString())) {
                client.endsSending();
                String answer = client.hearsAll();
                assertThat(answer).as("mutation %d", i).matches("(?s)(HTTP/1.1 [24]\\d\\d .*|HTTP/1.1 505 .*)?");
            }
        }
        assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void nothing_is_said_of_the_software_behind() {
        HttpResponse<String> answer = server.send(HttpRequest.newBuilder(server.uri("/v1/plan"))
                .POST(BodyPublishers.ofString("x"))
                .build());

        assertThat(answer.headers().map().keySet()).doesNotContain("server", "x-powered-by");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }
}
