package io.flowstate.egress;

import static io.flowstate.egress.LoopbackServer.bytes;
import static io.flowstate.egress.LoopbackServer.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostTest {
    @Test
    void the_body_and_the_headers_arrive_and_nothing_that_was_not_asked_for() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(ok("Set-Cookie: a=b\r\n", "thanks"));
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            URI address = URI.create(server.address("/hook?x=%20y"));

            for (int i = 0; i < 2; i++) {
                Reply reply = egress.post(
                        address,
                        Map.of("Content-Type", "application/json", "webhook-id", "m1"),
                        bytes("{}"),
                        new Cancellation());

                assertThat(reply).isEqualTo(new Reply(200, "thanks", Optional.empty()));
            }
            assertThat(server.requests())
                    .hasSize(2)
                    .allSatisfy(request -> assertThat(request.lines())
                            .containsExactlyInAnyOrder(
                                    "POST /hook?x=%20y HTTP/1.1",
                                    "Host: 127.0.0.1:" + server.port(),
                                    "Content-Type: application/json",
                                    "Content-Length: 2",
                                    "webhook-id: m1",
                                    "Accept-Encoding: identity",
                                    "Connection: close",
                                    "User-Agent: flowstate",
                                    "",
                                    "{}"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 301, 308, 401, 404, 407, 410, 429, 500, 503})
    void every_answer_is_given_back_and_asked_for_once(int status) throws Exception {
        String answer = "HTTP/1.1 " + status
                + " Said\r\nLocation: /other\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\nno";
        try (LoopbackServer server = LoopbackServer.answering(answer);
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            Reply reply = Ways.post(egress, server.address("/hook"));

            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.excerpt()).isEqualTo("no");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "120, PT2M",
        "'Sun, 01 Mar 2026 12:00:30 GMT', PT30S",
        "0, ",
        "-5, ",
        "soon, ",
        "99999999999999999999, ",
        "'Sun, 01 Mar 2026 11:00:00 GMT', "
    })
    void retry_after_is_seconds_or_a_date(String header, Duration wait) throws Exception {
        String answer = "HTTP/1.1 503 Later\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n".formatted(header);
        try (LoopbackServer server = LoopbackServer.answering(answer);
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            assertThat(Ways.post(egress, server.address("/hook")).retryAfter()).isEqualTo(Optional.ofNullable(wait));
        }
    }

    @Test
    void only_the_beginning_of_an_endless_answer_is_read() throws Exception {
        try (LoopbackServer server = new LoopbackServer(PostTest::endless);
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            Reply reply = Ways.post(egress, server.address("/hook"));

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.excerpt()).hasSize(4096).matches("x+");
        }
    }

    @Test
    void an_answer_whose_body_breaks_off_is_an_answer() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            assertThat(Ways.post(egress, server.address("/hook"))).isEqualTo(new Reply(200, "part", Optional.empty()));
        }
    }

    @Test
    void nobody_listens() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = closed.getLocalPort();
        }
        try (Egress egress = Ways.egress(Ways.config("127.0.0.1"))) {
            assertFails(egress, "http://127.0.0.1:" + port, "127.0.0.1 takes no connection.");
        }
    }

    @Test
    void nobody_knows_the_name() throws Exception {
        try (Egress egress = Ways.egress(Ways.config(), new Names())) {
            assertFails(egress, "https://nowhere.example/x", "nowhere.example cannot be found under this name.");
        }
    }

    @Test
    void the_system_s_resolver_is_asked_and_knows_no_invalid_name() throws Exception {
        try (Egress egress = Ways.egress(Ways.config())) {
            assertFails(egress, "https://nowhere.invalid/x", "nowhere.invalid cannot be found under this name.");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', closes the connection without an HTTP answer",
        "'SSH-2.0-OpenSSH_9.9\r\n', closes the connection without an HTTP answer"
    })
    void what_is_no_answer_is_told(String answer, String words) throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(answer);
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            assertFails(egress, server.address("/hook"), "127.0.0.1 " + words + ".");
        }
    }

    @Test
    void a_head_without_end_is_cut_off() throws Exception {
        try (LoopbackServer server = new LoopbackServer((_, out) -> {
                    out.write(bytes("HTTP/1.1 200 OK\r\n"));
                    while (true) {
                        out.write(bytes("X-Filler: yes\r\n"));
                    }
                });
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            assertFails(egress, server.address("/hook"), "127.0.0.1 broke the connection off, or did not speak HTTP.");
        }
    }

    @Test
    void silence_ends_after_the_idle_limit() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackServer server = new LoopbackServer((_, _) -> over.await());
                Egress egress = Ways.egress(new EgressConfig(
                        Set.of(server.entry()),
                        Duration.ofSeconds(5),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(60)))) {
            assertFails(egress, server.address("/hook"), "127.0.0.1 does not answer in time.");
        } finally {
            over.countDown();
        }
    }

    /** One that sends a header now and then is never silent. */
    @Test
    void dripping_ends_after_the_limit_of_the_whole() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackServer server = new LoopbackServer((_, out) -> {
                    out.write(bytes("HTTP/1.1 200 OK\r\n"));
                    out.flush();
                    over.await();
                });
                Egress egress = Ways.egress(new EgressConfig(
                        Set.of(server.entry()),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(60),
                        Duration.ofMillis(300),
                        Duration.ofSeconds(60)))) {
            assertFails(egress, server.address("/hook"), "127.0.0.1 was not done within 0 s.");
        } finally {
            over.countDown();
        }
    }

    @Test
    void a_cancellation_breaks_the_connection() throws Exception {
        Cancellation cancellation = new Cancellation();
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackServer server = new LoopbackServer((_, _) -> {
                    cancellation.cancel(FlowError.of(Code.SHUTTING_DOWN, "The server is stopping."));
                    over.await();
                });
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            URI address = URI.create(server.address("/hook"));

            assertThatThrownBy(() -> egress.post(address, Map.of(), bytes("{}"), cancellation))
                    .isInstanceOf(FlowError.class)
                    .hasMessage("The server is stopping.");
        } finally {
            over.countDown();
        }
    }

    private static void endless(String request, OutputStream out) throws IOException {
        out.write(bytes("HTTP/1.1 200 OK\r\n\r\n"));
        while (true) {
            out.write(bytes("x".repeat(1000)));
        }
    }

    private static void assertFails(Egress egress, String address, String message) {
        assertThatThrownBy(() -> Ways.post(egress, address)).isInstanceOfSatisfying(FlowError.class, failed -> {
            assertThat(failed.code()).isEqualTo(Code.ADDRESS_FAILED);
            assertThat(failed).hasMessage(message);
            assertThat(failed.advice()).isPresent();
        });
    }
}
