package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import io.flowstate.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client makes of those who are no FlowState server, and of servers that are busy or newer. */
final class JobsClientTest {
    private static final String JOB = "{\"id\":\"job_1\",\"status\":\"queued\"}";

    @TempDir
    Path folder;

    private final Cancellation never = new Cancellation();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | <html>Not Found</html> | it answers with status 404",
                "302 |  | it answers with status 302",
                "200 | <html>It works!</html> | it does not answer with JSON",
                "200 | {\"name\":\"another\"} | it answers with other JSON"
            })
    void another_server_is_told_from_ours(int status, String body, String why) throws IOException {
        try (Scripted server = new Scripted(status, body == null ? "" : body, "")) {
            FlowError error = refusal(server.uri());

            assertThat(error.code()).isEqualTo(Code.UNAVAILABLE);
            assertThat(error.message()).isEqualTo("What is at %s is not a FlowState server: %s.", server.uri(), why);
            assertThat(error.advice().orElseThrow()).contains("--server", "FLOWSTATE_SERVER", "client.server");
        }
    }

    @Test
    void what_speaks_no_http_is_no_server_of_ours_either() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = Thread.ofVirtual().start(() -> greet(other));

            FlowError error = refusal(URI.create("http://127.0.0.1:" + other.getLocalPort()));

            assertThat(error.message()).endsWith("is not a FlowState server: it does not speak HTTP.");
            answering.join();
        }
    }

    @Test
    void a_host_that_nobody_knows_is_called_by_its_name() {
        FlowError error = refusal(URI.create("http://nowhere.invalid:7070"));

        assertThat(error.message()).isEqualTo("There is no host nowhere.invalid.");
        assertThat(error.code().kind()).isEqualTo(Code.Kind.SETUP);
    }

    @Test
    void an_error_of_a_newer_server_keeps_what_it_says() throws IOException {
        String body =
                "{\"error\":{\"code\":\"too_loud\",\"kind\":\"caller\",\"message\":\"Too loud.\",\"advice\":\"Turn it down.\"}}";
        try (Scripted server = new Scripted(422, body, "")) {
            FlowError error = refusal(server.uri());

            assertThat(error.message()).isEqualTo("Too loud.");
            assertThat(error.advice()).contains("Turn it down.");
            assertThat(error.code().kind()).isEqualTo(Code.Kind.CALLER);
        }
    }

    @Test
    void a_path_in_the_address_stands_before_all_paths_of_the_api() throws IOException {
        try (Scripted server = new Scripted(200, JOB, "")) {
            try (JobsClient client = new JobsClient(URI.create(server.uri() + "/audio/"))) {
                assertThat(client.find("job_1", never).status()).isEqualTo("queued");
            }
            assertThat(server.asked).containsExactly("GET /audio/v1/jobs/job_1 ");
        }
    }

    @Test
    void an_input_is_sent_again_under_the_same_key_when_the_server_is_full() throws IOException {
        Path song = Files.writeString(folder.resolve("song.wav"), "music");
        String full = "{\"error\":{\"code\":\"queue_full\",\"kind\":\"capacity\",\"message\":\"Full.\"}}";
        try (Scripted server = new Scripted(429, full, JOB);
                JobsClient client = new JobsClient(server.uri())) {
            RemoteJob job = client.submit(Map.of("name", "a b&c.wav"), song, "key-1", Progress.Listener.NONE, never);

            assertThat(job.id()).isEqualTo("job_1");
            assertThat(server.asked)
                    .containsExactly(
                            "POST /v1/jobs?name=a%20b%26c.wav key-1", "POST /v1/jobs?name=a%20b%26c.wav key-1");
        }
    }

    @Test
    void a_server_that_was_there_is_waited_for_and_the_input_comes_under_the_same_key() throws Exception {
        Path song = Files.writeString(folder.resolve("song.wav"), "music");
        List<Progress.Phase> heard = new CopyOnWriteArrayList<>();
        Scripted before = new Scripted(202, JOB, "");
        URI address = before.uri();
        try (JobsClient client = new JobsClient(address)) {
            client.submit(Map.of(), song, "key-1", Progress.Listener.NONE, never);
            before.close();

            CompletableFuture<RemoteJob> second = CompletableFuture.supplyAsync(
                    () -> client.submit(Map.of(), song, "key-2", progress -> heard.add(progress.phase()), never));
            // The first time it may be a connection that was kept; the second time nobody is there.
            Await.until("it waits", () -> Collections.frequency(heard, Progress.Phase.RECONNECTING) > 1);
            try (Scripted after = new Scripted(202, JOB, "", address.getPort())) {
                assertThat(second.join().id()).isEqualTo("job_1");
                assertThat(after.asked).containsExactly("POST /v1/jobs key-2");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"503, {}", "502, <html>Bad Gateway</html>"})
    void a_server_that_is_being_started_is_waited_for(int status, String body) throws IOException {
        Path song = Files.writeString(folder.resolve("song.wav"), "music");
        try (Scripted server = new Scripted(status, body, JOB);
                JobsClient client = new JobsClient(server.uri())) {
            RemoteJob job = client.submit(Map.of(), song, "key-1", Progress.Listener.NONE, never);

            assertThat(job.id()).isEqualTo("job_1");
            assertThat(server.asked).hasSize(2);
        }
    }

    @Test
    void a_server_that_stays_away_is_given_up_after_a_time_that_is_told() throws Exception {
        Path song = Files.writeString(folder.resolve("song.wav"), "music");
        Scripted before = new Scripted(202, JOB, "");
        try (JobsClient client = new JobsClient(before.uri(), Duration.ofMillis(100))) {
            RemoteJob job = client.submit(Map.of(), song, "key-1", Progress.Listener.NONE, never);
            before.close();

            FlowError submitting = catchThrowableOfType(
                    FlowError.class, () -> client.submit(Map.of(), song, "key-2", Progress.Listener.NONE, never));
            FlowError following =
                    catchThrowableOfType(FlowError.class, () -> new JobFollower(client, job, _ -> {}, never).follow());

            assertThat(submitting).hasMessage("The server at %s has been away for 100 ms.".formatted(before.uri()));
            assertThat(submitting.advice().orElseThrow()).contains("flowstate jobs list");
            assertThat(following).hasMessage(submitting.getMessage());
            assertThat(following.advice().orElseThrow()).contains("flowstate jobs watch job_1");
        }
    }

    private FlowError refusal(URI server) {
        try (JobsClient client = new JobsClient(server)) {
            return catchThrowableOfType(FlowError.class, () -> client.find("job_1", never));
        }
    }

    private static void greet(ServerSocket other) {
        try (Socket caller = other.accept()) {
            caller.getOutputStream().write("220 mail.example ESMTP\r\n".getBytes(StandardCharsets.US_ASCII));
            caller.getOutputStream().flush();
            caller.shutdownOutput();
            caller.getInputStream().readAllBytes();
        } catch (IOException hungUp) {
            // That is what the client is to do.
        }
    }

    /** Gives the same answer to all, or another one from the second time on. */
    private static final class Scripted implements AutoCloseable {
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final HttpServer http;

        Scripted(int status, String first, String then) throws IOException {
            this(status, first, then, 0);
        }

        Scripted(int status, String first, String then, int port) throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            http.createContext("/", exchange -> {
                try (exchange) {
                    String key = exchange.getRequestHeaders()
                            .getOrDefault("Idempotency-Key", List.of(""))
                            .getFirst();
                    asked.add("%s %s %s".formatted(exchange.getRequestMethod(), exchange.getRequestURI(), key));
                    exchange.getRequestBody().readAllBytes();
                    boolean isLater = asked.size() > 1 && !then.isEmpty();
                    byte[] body = (isLater ? then : first).getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Retry-After", "0");
                    exchange.sendResponseHeaders(isLater ? 202 : status, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                }
            });
            http.start();
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }
}
