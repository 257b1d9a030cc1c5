package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Requests about jobs that are almost right, and what is made of them. */
final class JobRequestsTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"task\":\"stems\",\"url\":5}", "{\"task\":\"stems\",\"url\":[\"https://example.com/a\"]}"})
    void an_address_that_is_no_text_is_of_the_wrong_type(String body) {
        HttpResponse<String> answer = server.post("/v1/jobs", "application/json", body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("bad_request", "url must be text in JSON", "\"field\":\"url\"");
    }

    @Test
    void jobs_in_any_of_several_states_are_listed() {
        String queued = submitted("");
        String canceled = submitted("");
        server.post("/v1/jobs/%s/cancel".formatted(canceled), "text/plain", "");

        assertThat(listed("queued,canceled")).containsExactly(canceled, queued);
        assertThat(listed("queued,running")).containsExactly(queued);
        HttpResponse<String> wrong = server.get("/v1/jobs?status=queued,done");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("\"field\":\"status\"");
    }

    @Test
    void a_link_says_the_very_second_at_which_it_ends() {
        server.jobs.work();
        String path = "/v1/jobs/%s".formatted(submitted("?stems=vocals"));
        server.get(path + "?wait=20s");
        Instant before = Instant.now();

        JsonNode link = json(server.post(path + "/outputs/vocals/link?expires_in=90s", "text/plain", ""));

        Instant end = Instant.parse(link.get("expires_at").stringValue());
        assertThat(link.get("href").stringValue()).contains("expires=%d&".formatted(end.getEpochSecond()));
        assertThat(end.getNano()).isZero();
        assertThat(end).isAfterOrEqualTo(before.plusSeconds(90));
    }

    @Test
    void a_repeated_request_whose_outputs_have_expired_is_advised_to_take_a_new_key() {
        server.jobs.work();
        HttpResponse<String> first = keyed();
        assertThat(first.statusCode()).isEqualTo(200);
        server.jobs.database.change(tx -> tx.sql().execute("update job set expires_at = 1"));

        HttpResponse<String> again = keyed();

        assertThat(again.statusCode()).isEqualTo(410);
        assertThat(again.body()).contains("expired", "with a new key");
    }

    private HttpResponse<String> keyed() {
        return server.send(server.audio("?stems=vocals", "RIFF")
                .header("Idempotency-Key", "mine")
                .build());
    }

    private List<String> listed(String statuses) {
        return json(server.get("/v1/jobs?status=" + statuses))
                .get("jobs")
                .valueStream()
                .map(job -> job.get("id").stringValue())
                .toList();
    }

    private String submitted(String query) {
        HttpRequest request =
                server.audio(query, "RIFF").header("Prefer", "respond-async").build();
        return json(server.send(request)).get("id").stringValue();
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.parseObject(answer.body().getBytes(UTF_8));
    }
}
