package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.Script;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the description says of jobs, held against real ones. */
final class JobsDescriptionTest {
    private static final String JOB = "/v1/jobs/{id}";
    private static final String OUTPUT = "/v1/jobs/{id}/outputs/{name}";
    private static final Map<String, String> EVENT_DATA =
            Map.of("status", "Job", "progress", "Progress", "output", "Output");

    @RegisterExtension
    final TestServer server = new TestServer();

    private final Described described =
            new Described(server.get("/openapi.json").body());

    @Test
    void a_job_is_as_described_from_the_queue_to_its_end() {
        HttpResponse<String> accepted = submit("?stems=vocals&tags=a,b&deadline_ms=60000&format=mp3&bitrate=128");
        described.matches("POST", "/v1/stems", accepted);
        assertThat(accepted.headers().firstValue("Preference-Applied")).contains("respond-async");
        String id = id(accepted);
        seen(200, "GET", JOB, server.get("/v1/jobs/" + id));

        server.jobs.work();

        seen(200, "GET", JOB, server.get("/v1/jobs/%s?wait=20s".formatted(id)));
        seen(200, "POST", JOB + "/cancel", post("/v1/jobs/%s/cancel".formatted(id)));
        seen(409, "POST", JOB + "/retry", post("/v1/jobs/%s/retry".formatted(id)));
    }

    @Test
    void a_list_of_jobs_is_as_described() {
        submit("?tags=a");
        submit("");
        seen(200, "GET", "/v1/jobs", server.get("/v1/jobs?limit=1"));
        seen(200, "GET", "/v1/jobs", server.get("/v1/jobs?status=failed&task=stems&tag=x&since=2026-01-01T00:00:00Z"));
        seen(400, "GET", "/v1/jobs", server.get("/v1/jobs?until=yesterday"));
    }

    @Test
    void a_job_that_fails_is_as_described_and_so_is_all_that_can_be_done_to_it() {
        server.local.next(Script.start().fail(FlowError.of(Code.AUDIO_TRUNCATED, "Half a file.")));
        server.jobs.work();
        String id = id(submit("?stems=vocals"));

        HttpResponse<String> failed = server.get("/v1/jobs/%s?wait=20s".formatted(id));

        assertThat(failed.body()).contains("audio_truncated");
        seen(200, "GET", JOB, failed);
        seen(409, "GET", OUTPUT, server.get("/v1/jobs/%s/outputs/vocals".formatted(id)));
        seen(409, "POST", OUTPUT + "/link", post("/v1/jobs/%s/outputs/vocals/link".formatted(id)));
        seen(202, "POST", JOB + "/retry", post("/v1/jobs/%s/retry".formatted(id)));
        seen(204, "DELETE", JOB, delete("/v1/jobs/" + id));
        seen(404, "DELETE", JOB, delete("/v1/jobs/" + id));
        seen(404, "GET", JOB + "/events", server.get("/v1/jobs/%s/events".formatted(id)));
        seen(400, "GET", JOB, server.get("/v1/jobs/%s?wait=99999999999999999999d".formatted(id)));
    }

    @Test
    void what_is_read_of_an_output_is_as_described() {
        server.jobs.work();
        JsonNode job = json(server.get("/v1/jobs/%s?wait=20s".formatted(id(submit("?stems=vocals")))));
        String path = job.get("outputs").get(0).get("href").stringValue();
        HttpResponse<String> whole = server.get(path);
        String tag = whole.headers().firstValue("ETag").orElseThrow();

        seen(200, "GET", OUTPUT, whole);
        seen(206, "GET", OUTPUT, with(path, "Range", "bytes=1-2"));
        seen(304, "GET", OUTPUT, with(path, "If-None-Match", tag));
        seen(416, "GET", OUTPUT, with(path, "Range", "bytes=1000-"));
        seen(404, "GET", OUTPUT, server.get(path + "x"));
        HttpResponse<String> link = post(path + "/link?expires_in=1m");
        seen(200, "POST", OUTPUT + "/link", link);
        seen(200, "GET", OUTPUT, server.get(json(link).get("href").stringValue()));
        seen(403, "GET", OUTPUT, server.get(path + "?expires=99999999999&signature=forged"));
        String over = json(post(path + "/link?expires_in=1ms")).get("href").stringValue();
        TestServer.await("the link has expired", () -> server.get(over).statusCode() == 410);
        seen(410, "GET", OUTPUT, server.get(over));
    }

    @Test
    void events_are_as_described() {
        server.jobs.work();
        String id = id(submit("?stems=vocals"));

        HttpResponse<String> events = server.get("/v1/jobs/%s/events".formatted(id));

        seen(200, "GET", JOB + "/events", events);
        Stream.of(events.body().split("\n\n"))
                .filter(block -> !block.startsWith(":"))
                .forEach(this::assertEventIsAsDescribed);
        long last = json(server.get("/v1/jobs/" + id)).get("revision").longValue();
        seen(204, "GET", JOB + "/events", with("/v1/jobs/%s/events".formatted(id), "Last-Event-ID", last + ""));
        seen(400, "GET", JOB + "/events", with("/v1/jobs/%s/events".formatted(id), "Last-Event-ID", "x"));
    }

    private void assertEventIsAsDescribed(String block) {
        assertThat(block).matches("id: \\d+\nevent: \\w+\ndata: .*");
        String type = block.replaceAll("(?s).*event: (\\w+)\n.*", "$1");
        described.isA(EVENT_DATA.getOrDefault(type, type), block.substring(block.indexOf("data: ") + 6));
    }

    @Test
    void a_key_that_was_used_for_something_else_is_as_described() {
        submit("?stems=vocals", "k");

        HttpResponse<String> reused = submit("?stems=bass", "k");

        assertThat(reused.body()).contains("key_reused");
        seen(422, "POST", "/v1/stems", reused);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"url\": \"http://127.0.0.1:1/song.wav\"}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"stems\": [\"vocals\", \"bass\"], \"bits\": \"16\", \"shifts\": 2, \"tags\": [\"a\", \"b\"], \"keep_outputs\": \"36h\"}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"task\": \"stems\", \"webhook_url\": \"http://127.0.0.1:1/\", \"webhook_events\": [\"started\", \"failed\"], \"keep_input\": \"1.5d\"}"
            })
    void jobs_in_json_are_as_described(String request) {
        described.accepts("POST", "/v1/jobs", request);

        HttpResponse<String> accepted = server.post("/v1/jobs?task=stems", "application/json", request);

        seen(202, "POST", "/v1/jobs", accepted);
        assertThat(accepted.headers().firstValue("Preference-Applied")).isEmpty();
        seen(200, "GET", JOB, server.get("/v1/jobs/" + id(accepted)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"stems\": [\"vocals\"]}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"upload_id\": \"x\"}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"file\": \"x\"}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"task\": \"dance\"}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"keep_outputs\": \"forever\"}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"tags\": [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", \"10\", \"11\"]}",
                "{\"url\": \"http://127.0.0.1:1/a.wav\", \"webhook_events\": [\"done\"]}"
            })
    void jobs_that_the_description_rejects_the_server_rejects_too(String request) {
        described.rejects("POST", "/v1/jobs", request);

        seen(
                400,
                "POST",
                "/v1/jobs",
                server.post("/v1/jobs" + (request.contains("task") ? "" : "?task=stems"), "application/json", request));
    }

    private void seen(int status, String method, String pattern, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        described.matches(method, pattern, answer);
    }

    private HttpResponse<String> submit(String query) {
        return server.send(
                server.audio(query, "RIFF").header("Prefer", "respond-async").build());
    }

    private HttpResponse<String> submit(String query, String key) {
        return server.send(server.audio(query, "RIFF")
                .header("Prefer", "respond-async")
                .header("Idempotency-Key", key)
                .build());
    }

    private HttpResponse<String> with(String path, String header, String value) {
        return server.send(
                HttpRequest.newBuilder(server.uri(path)).header(header, value).build());
    }

    private HttpResponse<String> post(String path) {
        return server.post(path, "text/plain", "");
    }

    private HttpResponse<String> delete(String path) {
        return server.send(HttpRequest.newBuilder(server.uri(path)).DELETE().build());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.parseObject(answer.body().getBytes(UTF_8));
    }

    private static String id(HttpResponse<String> answer) {
        return json(answer).get("id").stringValue();
    }
}
