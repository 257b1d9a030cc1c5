package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Reading what a job gives as players and download managers do, and at the wrong time. */
final class JobOutputTest {
    /** More than a piece, so that it can be read before the output is complete. */
    private static final byte[] MUCH = new byte[5 << 20];

    private static final int READABLE = 4 << 20;

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void head_says_what_get_would_give_and_knows_no_ranges() throws IOException {
        String path = finished("?stems=vocals");

        String answer = wire("HEAD %s HTTP/1.1\nHost: localhost\nRange: bytes=1-2\nConnection: close\n\n", path);

        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .contains("Content-Length: " + FakeProvider.PLAIN.length() + "\r\n", "Accept-Ranges: bytes", "ETag: \"")
                .doesNotContain("Content-Range")
                .endsWith("\r\n\r\n");
    }

    @Test
    void not_modified_says_what_get_would_give_and_no_more() throws IOException {
        String path = finished("?stems=vocals");

        String answer = wire("GET %s HTTP/1.1\nHost: localhost\nIf-None-Match: *\nConnection: close\n\n", path);

        assertThat(answer)
                .startsWith("HTTP/1.1 304")
                .contains("ETag: \"")
                .doesNotContain("Content-Length: 0", "audio/")
                .endsWith("\r\n\r\n");
    }

    @Test
    void what_was_handed_in_can_be_read_too() throws IOException {
        String id = id(submit("?stems=vocals&name=song.wav"));
        JsonNode input = json(server.get("/v1/jobs/" + id)).get("input");
        String path = input.get("href").stringValue();

        HttpResponse<String> whole = server.get(path);
        assertThat(whole.body()).isEqualTo("RIFF");
        assertThat(whole.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("song.wav");
        assertThat(whole.headers().firstValue("ETag"))
                .contains("\"%s\"".formatted(input.get("sha256").stringValue()));
        described().matches("GET", "/v1/jobs/{id}/input", whole);
        HttpResponse<String> part = server.send(HttpRequest.newBuilder(server.uri(path))
                .header("Range", "bytes=1-2")
                .build());
        assertThat(part.body()).isEqualTo("IF");
        described().matches("GET", "/v1/jobs/{id}/input", part);
    }

    @Test
    void an_input_that_is_not_here_says_where_it_is() {
        String url = "https://198.51.99.7/song.wav";
        String id = id(
                server.post("/v1/jobs", "application/json", "{\"task\": \"stems\", \"url\": \"%s\"}".formatted(url)));

        HttpResponse<String> answer = server.get("/v1/jobs/%s/input".formatted(id));

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("not_found", url);
        described().matches("GET", "/v1/jobs/{id}/input", answer);
    }

    private Described described() {
        return new Described(server.get("/openapi.json").body());
    }

    @Test
    void a_part_is_given_only_of_what_the_caller_has_the_rest_of() {
        String path = finished("?stems=vocals");
        String tag = server.get(path).headers().firstValue("ETag").orElseThrow();

        assertThat(ranged(path, tag).statusCode()).isEqualTo(206);
        HttpResponse<String> whole = ranged(path, "\"" + "0".repeat(64) + "\"");
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(FakeProvider.PLAIN);
    }

    @Test
    void an_output_is_read_while_it_is_written_in_part_too_but_never_as_the_rest_of_something() throws IOException {
        Gate gate = new Gate();
        server.local.next(Script.start()
                .openAll(MUCH.length + 3)
                .writeAll(MUCH)
                .await(gate)
                .writeAll("end".getBytes(UTF_8)));
        server.jobs.work();
        String path = "/v1/jobs/%s/outputs/vocals".formatted(id(submit("?stems=vocals")));
        gate.awaitReached();

        HttpResponse<InputStream> growing =
                server.send(HttpRequest.newBuilder(server.uri(path)).build(), BodyHandlers.ofInputStream());
        try (InputStream bytes = growing.body()) {
            assertThat(growing.headers().firstValue("Content-Length")).contains(MUCH.length + 3 + "");
            assertThat(growing.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(bytes.readNBytes(READABLE)).hasSize(READABLE);
            String weak = growing.headers().firstValue("ETag").orElseThrow();
            assertThat(weak).startsWith("W/");
            HttpResponse<InputStream> part = server.send(
                    HttpRequest.newBuilder(server.uri(path))
                            .header("Range", "bytes=0-9")
                            .build(),
                    BodyHandlers.ofInputStream());
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.body().readAllBytes()).hasSize(10);
            HttpResponse<InputStream> rest = server.send(
                    HttpRequest.newBuilder(server.uri(path))
                            .header("Range", "bytes=0-9")
                            .header("If-Range", weak)
                            .build(),
                    BodyHandlers.ofInputStream());
            assertThat(rest.statusCode()).isEqualTo(200);
            gate.open();
            assertThat(rest.body().readAllBytes()).hasSize(MUCH.length + 3);

            assertThat(new String(bytes.readAllBytes(), UTF_8)).endsWith("end");
        }
    }

    @Test
    void reading_is_cut_off_when_the_job_fails_on_the_way() throws IOException {
        Gate gate = new Gate();
        server.local.next(Script.start()
                .openAll()
                .writeAll(MUCH)
                .await(gate)
                .fail(FlowError.of(Code.AUDIO_TRUNCATED, "Half a file.")));
        server.jobs.work();
        String path = "/v1/jobs/%s/outputs/vocals".formatted(id(submit("?stems=vocals")));
        gate.awaitReached();
        try (InputStream bytes = server.send(
                        HttpRequest.newBuilder(server.uri(path)).build(), BodyHandlers.ofInputStream())
                .body()) {
            assertThat(bytes.readNBytes(READABLE)).hasSize(READABLE);

            gate.open();

            assertThatThrownBy(bytes::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void an_output_whose_time_is_over_is_gone() throws IOException {
        String path = finished("?stems=vocals&keep_outputs=1ms");

        HttpResponse<String> gone = server.get(path);

        assertThat(gone.statusCode()).isEqualTo(410);
        assertThat(gone.body()).contains("expired", "keep_outputs");
        assertThat(gone.headers().map()).doesNotContainKeys("etag", "accept-ranges", "content-disposition");
        assertThat(wire("HEAD %s HTTP/1.1\nHost: localhost\nConnection: close\n\n", path))
                .startsWith("HTTP/1.1 410");
    }

    private String wire(String request, String path) throws IOException {
        try (RawClient client = new RawClient(server.port()).says(request.formatted(path))) {
            return client.hearsAll();
        }
    }

    private HttpResponse<String> ranged(String path, String known) {
        return server.send(HttpRequest.newBuilder(server.uri(path))
                .header("Range", "bytes=1-2")
                .header("If-Range", known)
                .build());
    }

    /** Runs a job to its end and gives the path of its only output. */
    private String finished(String query) {
        server.jobs.work();
        JsonNode done = json(server.get("/v1/jobs/%s?wait=20s".formatted(id(submit(query)))));
        return done.get("outputs").get(0).get("href").stringValue();
    }

    private HttpResponse<String> submit(String query) {
        return server.send(
                server.audio(query, "RIFF").header("Prefer", "respond-async").build());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.parseObject(answer.body().getBytes(UTF_8));
    }

    private static String id(HttpResponse<String> answer) {
        return json(answer).get("id").stringValue();
    }
}
