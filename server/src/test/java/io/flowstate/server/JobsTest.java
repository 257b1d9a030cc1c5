package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** {@code /v1/jobs}: what a client sees of work that it hands in. */
final class JobsTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void a_request_that_does_not_wait_becomes_a_job_with_links_to_what_it_will_give() {
        HttpResponse<String> accepted = submit("?stems=vocals&tags=album,demo");

        assertThat(accepted.statusCode()).isEqualTo(202);
        JsonNode job = json(accepted);
        assertThat(accepted.headers().firstValue("Location")).contains("/v1/jobs/" + id(job));
        assertThat(id(job)).matches("job_[0-9a-z]{26}");
        assertThat(job.get("status").stringValue()).isEqualTo("queued");
        assertThat(job.get("position").intValue()).isZero();
        assertThat(job.get("tags").toString()).isEqualTo("[\"album\",\"demo\"]");
        assertThat(job.get("input").get("seconds").intValue()).isEqualTo(60);
        assertThat(job.get("options").get("stems").get(0).stringValue()).isEqualTo("vocals");
        assertThat(job.get("plan").get("steps").get(0).get("deployment").stringValue())
                .isEqualTo("local/htdemucs");
        server.jobs.work();

        JsonNode done = json(server.get("/v1/jobs/%s?wait=20s".formatted(id(job))));

        assertThat(done.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(done.get("deployment").stringValue()).isEqualTo("local/htdemucs");
        assertThat(done.get("attempts").get(0).get("deployment").stringValue()).isEqualTo("local/htdemucs");
        JsonNode output = done.get("outputs").get(0);
        assertThat(output.get("file").stringValue()).isEqualTo("audio-vocals.wav");
        HttpResponse<String> bytes = server.get(output.get("href").stringValue());
        assertThat(bytes.body()).isEqualTo(FakeProvider.PLAIN);
        assertThat(bytes.headers().firstValue("Content-Type")).contains("audio/wav");
        assertThat(bytes.headers().firstValue("ETag"))
                .contains("\"%s\"".formatted(output.get("sha256").stringValue()));
    }

    @Test
    void a_job_whose_audio_ended_too_early_says_so_in_its_result() {
        server.local.missing(Duration.ofMillis(19_170));
        server.jobs.work();
        String id = id(json(server.post("/v1/jobs?task=stems&allow_truncated=true", "audio/wav", "RIFF")));

        JsonNode done = json(server.get("/v1/jobs/%s?wait=20s".formatted(id)));

        assertThat(done.get("result").get("missing_seconds").doubleValue()).isEqualTo(19.17);
    }

    @Test
    void a_job_may_name_its_task_in_the_body() {
        Forms form = Forms.with("task", "stems", "stems", "bass").file("file", "my song.flac", "fLaC");

        HttpResponse<String> accepted = server.post("/v1/jobs", Forms.TYPE, form.end());

        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(json(accepted).get("input").get("name").stringValue()).isEqualTo("my song.flac");
    }

    @Test
    void parts_of_an_output_can_be_read() {
        String path = finished("?stems=vocals");

        assertThat(ranged(path, "bytes=5-7").body()).isEqualTo(FakeProvider.PLAIN.substring(5, 8));
        assertThat(ranged(path, "bytes=-4").body())
                .isEqualTo(FakeProvider.PLAIN.substring(FakeProvider.PLAIN.length() - 4));
        HttpResponse<String> rest = ranged(path, "bytes=5-");
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.headers().firstValue("Content-Range"))
                .contains("bytes 5-%d/%d".formatted(FakeProvider.PLAIN.length() - 1, FakeProvider.PLAIN.length()));
        HttpResponse<String> beyond = ranged(path, "bytes=1000-");
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(beyond.body()).contains("bad_range");
    }

    @Test
    void who_has_an_output_is_told_that_it_has_not_changed() {
        String path = finished("?stems=vocals");
        String tag = server.get(path).headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> again = server.send(HttpRequest.newBuilder(server.uri(path))
                .header("If-None-Match", tag)
                .build());

        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void a_signed_link_works_until_it_expires_and_for_nothing_else() {
        String path = finished("?stems=vocals");
        String link = json(server.post(path + "/link?expires_in=1h", "text/plain", ""))
                .get("href")
                .stringValue();

        assertThat(server.get(link).body()).isEqualTo(FakeProvider.PLAIN);
        assertThat(server.get(link.replaceFirst("expires=\\d+", "expires=99999999999"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(server.get(link + "x").statusCode()).isEqualTo(403);
    }

    @Test
    void events_tell_what_happens_until_the_job_is_over_and_whoever_comes_back_hears_only_what_is_new() {
        Gate gate = new Gate();
        server.local.next(Script.start().openAll().await(gate));
        String id = id(json(submit("?stems=vocals")));
        CompletableFuture<HttpResponse<String>> listening = server.client()
                .sendAsync(
                        HttpRequest.newBuilder(server.uri("/v1/jobs/%s/events".formatted(id)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        server.jobs.work();
        gate.awaitReached();
        gate.open();

        List<String> heard = events(listening.join().body());

        assertThat(heard)
                .startsWith("status queued")
                .endsWith("status succeeded")
                .contains("status running", "output vocals");
        assertThat(listening.join().headers().firstValue("Content-Type")).contains("text/event-stream");
        long last = json(server.get("/v1/jobs/" + id)).get("revision").longValue();
        HttpResponse<String> again = server.send(HttpRequest.newBuilder(server.uri("/v1/jobs/%s/events".formatted(id)))
                .header("Last-Event-ID", Long.toString(last - 1))
                .build());
        assertThat(events(again.body())).containsExactly("status succeeded");
    }

    @Test
    void a_repeated_request_with_the_same_key_gets_the_same_answer_and_runs_once() {
        server.jobs.work();

        HttpResponse<String> first = keyed("k1", "?stems=vocals", "RIFF");
        HttpResponse<String> second = keyed("k1", "?stems=vocals", "RIFF");

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.body()).isEqualTo(FakeProvider.PLAIN);
        assertThat(first.headers().firstValue("flowstate-deployment")).contains("local/htdemucs");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(server.local.seen()).hasSize(1);
        assertThat(keyed("k1", "?stems=vocals", "another song").statusCode()).isEqualTo(422);
        assertThat(keyed("k1", "?stems=bass", "RIFF").body()).contains("key_reused");
    }

    @Test
    void a_failure_under_a_key_is_answered_like_any_other_and_kept_too() {
        server.jobs.work();
        server.local.next(Script.start().fail(FlowError.of(Code.AUDIO_TRUNCATED, "The file ends early.")));

        assertThat(keyed("k2", "", "RIFF").statusCode()).isEqualTo(422);
        HttpResponse<String> again = keyed("k2", "", "RIFF");
        assertThat(again.body()).contains("audio_truncated", "The file ends early.");
        assertThat(json(again).at("/error/attempts/0/deployment").stringValue()).isEqualTo("local/htdemucs");
        assertThat(again.headers().firstValue("flowstate-failed-attempts").orElseThrow())
                .startsWith("local/htdemucs; code=audio_truncated; ms=");
        assertThat(server.local.seen()).hasSize(1);
        assertThat(server.get("/metrics").body())
                .contains(
                        "flowstate_request_duration_seconds_count{deployment=\"local/htdemucs\",outcome=\"audio_truncated\",task=\"stems\"} 1");
    }

    @Test
    void jobs_are_listed_page_by_page_the_newest_first_and_by_what_they_are() {
        List<String> ids =
                Stream.generate(() -> id(json(submit("?tags=a")))).limit(5).toList();
        submit("?tags=b");

        JsonNode first = json(server.get("/v1/jobs?tag=a&limit=3"));
        JsonNode second = json(
                server.get("/v1/jobs?tag=a&limit=3&cursor=" + first.get("next").stringValue()));

        List<String> seen = new ArrayList<>();
        first.get("jobs").forEach(job -> seen.add(id(job)));
        second.get("jobs").forEach(job -> seen.add(id(job)));
        assertThat(seen).containsExactlyElementsOf(ids.reversed());
        assertThat(second.has("next")).isFalse();
        assertThat(json(server.get("/v1/jobs?status=succeeded")).get("jobs")).isEmpty();
    }

    @Test
    void a_job_is_canceled_and_removed() {
        String id = id(json(submit("")));

        JsonNode canceled = json(server.post("/v1/jobs/%s/cancel".formatted(id), "text/plain", ""));
        HttpResponse<String> removed = server.send(
                HttpRequest.newBuilder(server.uri("/v1/jobs/" + id)).DELETE().build());

        assertThat(canceled.get("status").stringValue()).isEqualTo("canceled");
        assertThat(removed.statusCode()).isEqualTo(204);
        assertThat(server.get("/v1/jobs/" + id).statusCode()).isEqualTo(404);
    }

    @Test
    void what_cannot_be_is_refused_with_what_to_do() {
        assertThat(server.get("/v1/jobs/job_nonsense").body()).contains("not_found");
        assertThat(server.get("/v1/jobs?cursor=nonsense").body()).contains("bad_request", "\"field\":\"cursor\"");
        assertThat(server.get("/v1/jobs?limit=0").body()).contains("must be 1..200");
        assertThat(submit("?webhook_url=http://169.254.169.254/latest").body())
                .contains("address_not_allowed", "webhook_url");
        assertThat(submit("?keep_outputs=forever").body()).contains("must be a duration");
        assertThat(server.stems("?tags=x", "RIFF").body()).contains("is for jobs only", "respond-async");
        assertThat(server.post("/v1/jobs", "application/json", "{\"task\":\"stems\"}")
                        .body())
                .contains("the request has no audio");
        assertThat(submit("?stems=vocals", "not audio at all").statusCode()).isEqualTo(422);
    }

    @Test
    void the_output_of_a_job_that_failed_is_a_conflict_and_one_that_is_not_there_yet_comes_later() {
        String id = id(json(submit("?stems=vocals")));
        HttpResponse<String> early = server.get("/v1/jobs/%s/outputs/vocals".formatted(id));
        assertThat(early.statusCode()).isEqualTo(404);
        assertThat(early.headers().firstValue("Retry-After")).contains("1");
        server.local.next(Script.start().fail(FlowError.of(Code.AUDIO_TRUNCATED, "Half a file.")));
        server.jobs.work();
        json(server.get("/v1/jobs/%s?wait=20s".formatted(id)));

        assertThat(server.get("/v1/jobs/%s/outputs/vocals".formatted(id)).statusCode())
                .isEqualTo(409);
    }

    private HttpResponse<String> submit(String query) {
        return submit(query, "RIFF");
    }

    private HttpResponse<String> submit(String query, String audio) {
        return server.send(
                server.audio(query, audio).header("Prefer", "respond-async").build());
    }

    private HttpResponse<String> keyed(String key, String query, String audio) {
        return server.send(
                server.audio(query, audio).header("Idempotency-Key", key).build());
    }

    private HttpResponse<String> ranged(String path, String range) {
        return server.send(
                HttpRequest.newBuilder(server.uri(path)).header("Range", range).build());
    }

    /** Runs a job to its end and gives the path of its only output. */
    private String finished(String query) {
        server.jobs.work();
        String id = id(json(submit(query)));
        JsonNode done = json(server.get("/v1/jobs/%s?wait=20s".formatted(id)));
        return done.get("outputs").get(0).get("href").stringValue();
    }

    private static List<String> events(String text) {
        return Stream.of(text.split("\n\n"))
                .map(JobsTest::event)
                .flatMap(Optional::stream)
                .toList();
    }

    /** The event's type and what it is about; empty for a comment. */
    private static Optional<String> event(String block) {
        if (block.startsWith(":")) {
            return Optional.empty();
        }
        String type = block.replaceAll("(?s).*event: (\\w+)\n.*", "$1");
        JsonNode data =
                Json.parseObject(block.substring(block.indexOf("data: ") + 6).getBytes(UTF_8));
        return Optional.of(type + " "
                + switch (type) {
                    case "status" -> data.get("status").stringValue();
                    case "output" -> data.get("name").stringValue();
                    default -> data.get("phase").toString();
                });
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.parseObject(answer.body().getBytes(UTF_8));
    }

    private static String id(JsonNode job) {
        return job.get("id").stringValue();
    }
}
