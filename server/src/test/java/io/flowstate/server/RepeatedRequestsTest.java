package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What an {@code Idempotency-Key} does with requests that are no submissions. */
class RepeatedRequestsTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void a_retry_that_is_repeated_is_one() {
        String path = canceled();

        HttpResponse<String> first = keyed("again", path + "/retry", "");
        HttpResponse<String> second = keyed("again", path + "/retry", "");

        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(second.statusCode()).as(second.body()).isEqualTo(202);
        assertThat(json(second).get("status").stringValue()).isEqualTo("queued");
        assertThat(json(second).get("revision")).isEqualTo(json(first).get("revision"));
    }

    @Test
    void a_retry_that_is_refused_leaves_its_key_free() {
        String path = "/v1/jobs/" + submitted();
        assertThat(keyed("again", path + "/retry", "").statusCode()).isEqualTo(409);
        post(path + "/cancel");

        assertThat(keyed("again", path + "/retry", "").statusCode()).isEqualTo(202);
    }

    @Test
    void a_cancel_that_comes_late_once_more_does_not_stop_what_was_tried_again() {
        String path = "/v1/jobs/" + submitted();
        keyed("stop", path + "/cancel", "");
        post(path + "/retry");

        HttpResponse<String> late = keyed("stop", path + "/cancel", "");

        assertThat(json(late).get("status").stringValue()).isEqualTo("queued");
    }

    @Test
    void a_key_stands_for_one_request_of_whichever_kind() {
        String path = canceled();
        keyed("mine", path + "/retry", "");

        assertReused(keyed("mine", path + "/cancel", ""));
        assertReused(keyed("mine", "/v1/plan", "{\"task\": \"stems\"}"));
        assertReused(upload("mine", 5));
        assertReused(server.send(server.audio("?stems=vocals", "RIFF")
                .header("Prefer", "respond-async")
                .header("Idempotency-Key", "mine")
                .build()));
    }

    @Test
    void a_job_is_the_same_at_the_address_of_its_task_and_at_that_of_jobs() {
        String id = json(server.send(server.audio("?stems=vocals", "RIFF")
                        .header("Prefer", "respond-async")
                        .header("Idempotency-Key", "both")
                        .build()))
                .get("id")
                .stringValue();

        HttpResponse<String> again = server.send(HttpRequest.newBuilder(server.uri("/v1/jobs?task=stems&stems=vocals"))
                .header("Idempotency-Key", "both")
                .header("Content-Type", "audio/wav")
                .POST(BodyPublishers.ofString("RIFF"))
                .build());

        assertThat(json(again).get("id").stringValue()).isEqualTo(id);
    }

    @Test
    void a_plan_under_a_key_is_for_that_question_only() {
        assertThat(keyed("plan", "/v1/plan", "{\"task\": \"stems\"}").statusCode())
                .isEqualTo(200);
        assertThat(keyed("plan", "/v1/plan", "{\"task\": \"stems\"}").statusCode())
                .isEqualTo(200);

        assertReused(keyed("plan", "/v1/plan", "{\"task\": \"stems\", \"audio_seconds\": 5}"));
    }

    @Test
    void an_upload_that_is_begun_again_is_the_same() {
        HttpResponse<String> first = upload("file", 5);
        HttpResponse<String> second = upload("file", 5);

        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(second.headers().firstValue("Location"))
                .isEqualTo(first.headers().firstValue("Location"));
        assertReused(upload("file", 6));
    }

    @Test
    void a_key_that_is_none_is_refused() {
        assertThat(keyed(" ", canceled() + "/retry", "").body()).contains("bad_request", "Idempotency-Key");
    }

    private static void assertReused(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(answer.body()).contains("key_reused");
    }

    private String submitted() {
        return json(server.send(server.audio("?stems=vocals", "RIFF")
                        .header("Prefer", "respond-async")
                        .build()))
                .get("id")
                .stringValue();
    }

    /** The path of a job that was canceled before anything ran it. */
    private String canceled() {
        String path = "/v1/jobs/" + submitted();
        post(path + "/cancel");
        return path;
    }

    private void post(String path) {
        assertThat(server.post(path, "text/plain", "").statusCode()).isBetween(200, 202);
    }

    private HttpResponse<String> keyed(String key, String path, String body) {
        return server.send(HttpRequest.newBuilder(server.uri(path))
                .header("Idempotency-Key", key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private HttpResponse<String> upload(String key, int length) {
        return server.send(HttpRequest.newBuilder(server.uri("/v1/uploads"))
                .header("Idempotency-Key", key)
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", Integer.toString(length))
                .POST(BodyPublishers.noBody())
                .build());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.parseObject(answer.body().getBytes(UTF_8));
    }
}
