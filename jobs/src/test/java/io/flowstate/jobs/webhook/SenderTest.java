package io.flowstate.jobs.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.egress.Egress;
import io.flowstate.egress.EgressConfig;
import io.flowstate.testkit.MovableClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SenderTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String JSON = "{\"type\":\"succeeded\",\"name\":\"Grüße\"}";
    private static final WebhookSecret SECRET = WebhookSecret.parse("whsec_" + "A".repeat(32));

    private final MovableClock clock = new MovableClock(NOW);
    private final List<Map<String, String>> arrived = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private volatile Map<String, String> answerHeaders = Map.of();
    private HttpServer receiver;
    private Egress egress;

    @BeforeEach
    void start() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        receiver.createContext("/", this::receive);
        receiver.start();
        egress = new Egress(
                EgressConfig.DEFAULT.allowing(
                        Set.of("127.0.0.1:" + receiver.getAddress().getPort())),
                clock);
    }

    @AfterEach
    void stop() throws IOException {
        egress.close();
        receiver.stop(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void a_message_arrives_signed_and_any_2xx_is_enough(int answer) {
        status = answer;

        assertThat(send(message(0))).isEqualTo(new Outcome.Delivered(answer));
        assertThat(arrived).singleElement().satisfies(request -> {
            assertThat(request)
                    .containsEntry("method", "POST")
                    .containsEntry("path", "/hook")
                    .containsEntry("content-type", "application/json")
                    .containsEntry("body", JSON)
                    .containsAllEntriesOf(new Signer(List.of(SECRET)).headers("msg_1", NOW, JSON));
        });
    }

    @Test
    void a_later_attempt_has_the_same_id_and_a_time_of_its_own() {
        send(message(0));
        clock.move(Duration.ofMinutes(5));
        send(message(1));

        assertThat(arrived).extracting(request -> request.get("webhook-id")).containsExactly("msg_1", "msg_1");
        assertThat(arrived)
                .extracting(request -> request.get("webhook-timestamp"))
                .containsExactly("1772366400", "1772366700");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 429, 500, 503})
    void a_refusal_is_tried_again(int answer) {
        status = answer;

        assertThat(send(message(1)))
                .isEqualTo(new Outcome.Retry(
                        OptionalInt.of(answer), "The receiver answers %d.".formatted(answer), Duration.ofMinutes(5)));
    }

    @Test
    void a_redirect_is_a_refusal_and_is_not_followed() {
        status = 307;
        answerHeaders = Map.of("Location", "/elsewhere");

        assertThat(send(message(0)))
                .isInstanceOfSatisfying(
                        Outcome.Retry.class,
                        retry -> assertThat(retry.reason())
                                .isEqualTo(
                                        "The receiver redirects (307), and a message goes to its own address only."));
        assertThat(arrived).hasSize(1);
    }

    @Test
    void a_receiver_may_ask_for_patience() {
        status = 503;
        answerHeaders = Map.of("Retry-After", "600");

        assertThat(send(message(0)))
                .isInstanceOfSatisfying(
                        Outcome.Retry.class, retry -> assertThat(retry.pause()).isEqualTo(Duration.ofMinutes(10)));
    }

    @Test
    void a_receiver_that_is_gone_hears_no_more() {
        status = 410;

        assertThat(send(message(0)))
                .isEqualTo(new Outcome.Gone("The receiver answers 410: it wants no more messages."));
    }

    @Test
    void after_the_eighth_refusal_the_message_is_dead() {
        status = 500;

        assertThat(send(message(6))).isInstanceOf(Outcome.Retry.class);
        assertThat(send(message(7))).isEqualTo(new Outcome.Dead(OptionalInt.of(500), "The receiver answers 500."));
    }

    @Test
    void a_receiver_that_is_not_there_is_tried_again_and_in_the_end_given_up() {
        receiver.stop(0);

        assertThat(send(message(0)))
                .isEqualTo(new Outcome.Retry(
                        OptionalInt.empty(), "127.0.0.1 takes no connection.", Duration.ofSeconds(5)));
        assertThat(send(message(7))).isEqualTo(new Outcome.Dead(OptionalInt.empty(), "127.0.0.1 takes no connection."));
    }

    @Test
    void an_address_that_must_not_be_asked_is_given_up_at_once() {
        Message message = new Message("msg_1", URI.create("http://169.254.169.254/"), JSON, List.of(SECRET), 0);

        assertThat(send(message))
                .isEqualTo(new Outcome.Dead(
                        OptionalInt.empty(), "169.254.169.254 is not on the public internet, or is this server."));
    }

    @Test
    void an_attempt_that_was_cancelled_has_no_outcome() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel(FlowError.of(Code.SHUTTING_DOWN, "The server is stopping."));
        Sender sender = new Sender(egress, clock, () -> 0L);

        assertThatThrownBy(() -> sender.send(message(0), cancellation)).hasMessage("The server is stopping.");
        assertThat(arrived).isEmpty();
    }

    private Outcome send(Message message) {
        return new Sender(egress, clock, () -> 0L).send(message, new Cancellation());
    }

    private Message message(int failures) {
        URI to = URI.create(
                "http://127.0.0.1:%d/hook".formatted(receiver.getAddress().getPort()));
        return new Message("msg_1", to, JSON, List.of(SECRET), failures);
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> request = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> request.put(name, String.join(", ", values)));
            request.put("method", exchange.getRequestMethod());
            request.put("path", exchange.getRequestURI().getPath());
            request.put("body", new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            arrived.add(request);
            answerHeaders.forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(status, -1);
        }
    }
}
