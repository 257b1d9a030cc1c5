package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flowstate.jobs.Documents;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What an owner of jobs sees of the messages about them. */
final class WebhooksTest {
    private static final String DELIVERIES = "/v1/jobs/{id}/deliveries";
    private static final String REDELIVER = "/v1/jobs/{id}/deliveries/{delivery}/redeliver";

    @RegisterExtension
    final TestServer server = new TestServer();

    private final AtomicInteger status = new AtomicInteger(200);
    private HttpServer receiver;

    @BeforeEach
    void receive() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        receiver.createContext("/", this::answer);
        receiver.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status.get(), -1);
        }
    }

    @AfterEach
    void leave() {
        receiver.stop(0);
    }

    @Test
    void every_attempt_to_deliver_a_message_is_shown_with_its_job() {
        status.set(503);
        String job = canceled();

        JsonNode pending = delivery(job, "/attempts/0");

        assertThat(pending.get("id").stringValue()).startsWith("msg_");
        assertThat(pending.get("job").stringValue()).isEqualTo(job);
        assertThat(pending.get("type").stringValue()).isEqualTo("job.canceled");
        assertThat(pending.get("url").stringValue()).endsWith("/hook");
        assertThat(pending.get("status").stringValue()).isEqualTo("pending");
        assertThat(pending.get("failures").intValue()).isEqualTo(1);
        assertThat(pending.get("last_status").intValue()).isEqualTo(503);
        assertThat(pending.has("next_at")).isTrue();
        assertThat(pending.has("delivered_at")).isFalse();
        JsonNode attempt = pending.get("attempts").get(0);
        assertThat(attempt.get("number").intValue()).isEqualTo(1);
        assertThat(attempt.get("status").intValue()).isEqualTo(503);
        assertThat(attempt.get("reason").stringValue()).isEqualTo("The receiver answers 503.");
        assertThat(attempt.has("at")).isTrue();
        assertThat(attempt.has("duration_ms")).isTrue();
    }

    @Test
    void a_dead_letter_is_shown_and_can_be_sent_again() {
        status.set(410);
        String job = canceled();
        delivery(job, "/attempts/0");
        HttpResponse<String> letters = server.get("/v1/webhooks/dead");
        described().matches("GET", "/v1/webhooks/dead", letters);
        JsonNode dead = Documents.parse(letters.body()).get("deliveries").get(0);
        assertThat(dead.get("job").stringValue()).isEqualTo(job);
        assertThat(dead.get("reason").stringValue()).contains("410");

        status.set(204);
        HttpResponse<String> again = server.post(
                "/v1/jobs/%s/deliveries/%s/redeliver"
                        .formatted(job, dead.get("id").stringValue()),
                "text/plain",
                "");

        assertThat(again.statusCode()).isEqualTo(202);
        described().matches("POST", REDELIVER, again);
        assertThat(Documents.parse(again.body()).get("failures").intValue()).isZero();
        assertThat(delivery(job, "/delivered_at").get("status").stringValue()).isEqualTo("delivered");
        assertThat(Documents.parse(server.get("/v1/webhooks/dead").body()).get("deliveries"))
                .isEmpty();
    }

    @Test
    void receivers_learn_the_secret_and_have_a_day_to_change_over_to_the_next() {
        HttpResponse<String> shown = server.get("/v1/webhooks/secret");
        described().matches("GET", "/v1/webhooks/secret", shown);
        JsonNode first = Documents.parse(shown.body());
        assertThat(first.has("overlap_until")).isFalse();

        HttpResponse<String> rotated = server.post("/v1/webhooks/secret/rotate", "text/plain", "");

        described().matches("POST", "/v1/webhooks/secret/rotate", rotated);
        JsonNode second = Documents.parse(rotated.body());
        assertThat(second.get("secret")).isNotEqualTo(first.get("secret"));
        assertThat(Instant.parse(second.get("overlap_until").stringValue()))
                .isBetween(
                        Instant.now().plus(Duration.ofHours(23)), Instant.now().plus(Duration.ofHours(25)));
        assertThat(Documents.parse(server.get("/v1/webhooks/secret").body())).isEqualTo(second);
    }

    @Test
    void what_there_is_not_is_not_found() {
        String job = canceled();

        HttpResponse<String> nobody = server.get("/v1/jobs/job_none/deliveries");
        assertThat(nobody.statusCode()).isEqualTo(404);
        described().matches("GET", DELIVERIES, nobody);
        HttpResponse<String> none =
                server.post("/v1/jobs/%s/deliveries/msg_none/redeliver".formatted(job), "text/plain", "");
        assertThat(none.statusCode()).isEqualTo(404);
        described().matches("POST", REDELIVER, none);
        assertThat(none.body()).contains("GET /v1/jobs/%s/deliveries".formatted(job));
    }

    @Test
    void an_event_that_there_is_not_is_refused_with_those_that_there_are() {
        HttpResponse<String> refused =
                server.post("/v1/jobs?task=stems&webhook_events=finished&webhook_url=" + hook(), "audio/wav", "RIFF");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("webhook_events", "started, progress, succeeded, failed, canceled");
    }

    private Described described() {
        return new Described(server.get("/openapi.json").body());
    }

    private String hook() {
        return "http://127.0.0.1:%d/hook".formatted(receiver.getAddress().getPort());
    }

    /** A job about which one message is sent. */
    private String canceled() {
        server.jobs.deliver();
        JsonNode job = Documents.parse(server.post("/v1/jobs?task=stems&webhook_url=" + hook(), "audio/wav", "RIFF")
                .body());
        String id = job.get("id").stringValue();
        assertThat(server.post("/v1/jobs/%s/cancel".formatted(id), "text/plain", "")
                        .statusCode())
                .isEqualTo(200);
        return id;
    }

    /** The job's one delivery, once it has this. */
    private JsonNode delivery(String job, String pointer) {
        TestServer.await(
                "the delivery has " + pointer, () -> !only(job).at(pointer).isMissingNode());
        return only(job);
    }

    private JsonNode only(String job) {
        HttpResponse<String> answer = server.get("/v1/jobs/%s/deliveries".formatted(job));
        described().matches("GET", DELIVERIES, answer);
        JsonNode list = Documents.parse(answer.body()).get("deliveries");
        assertThat(list).hasSize(1);
        return list.get(0);
    }
}
