package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Those who wait for what becomes of a job: they come back, they leave, or the server does. */
final class JobFollowersTest {
    private static final Path ROOT =
            Path.of(Objects.requireNonNull(System.getProperty("flowstate.root"), "run by Maven, which sets it"));

    @RegisterExtension
    final TestServer server = new TestServer();

    /** The lines of the page, run by an EventSource that nobody here has written. */
    @Test
    void an_event_source_comes_back_hears_nothing_twice_and_stops_when_it_is_told_to(@TempDir Path folder)
            throws Exception {
        String page = Files.readString(ROOT.resolve("docs/jobs.md"));
        int start = page.indexOf("```js\n") + "```js\n".length();
        String script = "const [server, id] = process.argv.slice(2);\n"
                + page.substring(start, page.indexOf("```\n", start))
                + """
                const awake = setInterval(() => {}, 1000); // as a page is, while nothing is connected
                events.addEventListener("error", () => {
                  console.log(["connects", "open", "closed"][events.readyState]);
                  if (events.readyState === EventSource.CLOSED) {
                    clearInterval(awake);
                  }
                });
                """;
        Files.writeString(folder.resolve("follow.mjs"), script);
        String id = submit();
        Path heard = folder.resolve("heard");
        Process node = new ProcessBuilder(
                        "node",
                        "--experimental-eventsource",
                        "--no-warnings",
                        "follow.mjs",
                        server.uri("").toString(),
                        id)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(heard.toFile())
                .start();
        try {
            server.jobs.work();

            assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            node.destroyForcibly();
        }

        List<String> lines = Files.readAllLines(heard);
        // On a busy machine the connection may break on the way, too: that it comes back makes no difference to what is
        // heard.
        assertThat(lines)
                .containsOnlyOnce("/v1/jobs/%s/outputs/vocals".formatted(id), "succeeded")
                .endsWith("connects", "closed");
    }

    @Test
    void an_id_from_the_future_is_no_id() {
        String id = submit();
        server.post("/v1/jobs/%s/cancel".formatted(id), "text/plain", "");

        HttpResponse<String> all = server.send(HttpRequest.newBuilder(server.uri("/v1/jobs/%s/events".formatted(id)))
                .header("Last-Event-ID", "1000000")
                .build());

        assertThat(all.body()).contains("\"status\":\"canceled\"");
    }

    /** A removal cancels the job first; this is for the listener that is too slow to see that. */
    @Test
    void who_listens_to_a_job_that_is_removed_is_told_so() {
        String id = submit();
        CompletableFuture<HttpResponse<Stream<String>>> listens = server.client()
                .sendAsync(
                        HttpRequest.newBuilder(server.uri("/v1/jobs/%s/events".formatted(id)))
                                .build(),
                        BodyHandlers.ofLines());
        Iterator<String> lines = listens.join().body().iterator();
        assertThat(lines.next()).startsWith(": events of");

        server.jobs.database.change(tx -> tx.sql().execute("delete from job where id = ?", id));

        List<String> rest = new ArrayList<>();
        lines.forEachRemaining(rest::add);
        assertThat(rest).endsWith("event: removed", "data: {\"id\":\"%s\"}".formatted(id), "");
    }

    @Test
    void an_output_that_is_being_read_is_read_to_its_end_before_the_server_stops() {
        Gate gate = new Gate();
        server.local.next(Script.start()
                .openAll()
                .write("vocals", "begun, ".getBytes(UTF_8))
                .await(gate)
                .write("vocals", "done".getBytes(UTF_8)));
        server.jobs.work();
        String id = submit();
        gate.awaitReached();
        CompletableFuture<HttpResponse<String>> reads = sent("/v1/jobs/%s/outputs/vocals".formatted(id));
        TestServer.await("it is read", () -> server.metrics.scrape().contains("flowstate_http_readers 1"));

        Thread stopping = Thread.ofVirtual().start(server.server::drainAndStop);
        TestServer.await("it drains", () -> server.get("/readyz").statusCode() == 503);
        gate.open();

        assertThat(reads.join().body()).isEqualTo("begun, done");
        TestServer.await("it has stopped", () -> !stopping.isAlive());
    }

    @Test
    void those_who_wait_are_answered_when_the_server_stops() {
        Gate gate = new Gate();
        server.local.next(Script.start().openAll().await(gate));
        CompletableFuture<HttpResponse<String>> runs =
                server.client().sendAsync(server.audio("?stems=vocals", "RIFF").build(), BodyHandlers.ofString());
        gate.awaitReached();
        String id = submit();
        CompletableFuture<HttpResponse<String>> polls = sent("/v1/jobs/%s?wait=60s".formatted(id));
        CompletableFuture<HttpResponse<String>> listens = sent("/v1/jobs/%s/events".formatted(id));

        Thread stopping = Thread.ofVirtual().start(server.server::drainAndStop);

        assertThat(polls.join().body()).contains("\"status\":\"queued\"");
        assertThat(listens.join().body()).contains("\"status\":\"queued\"");
        assertThat(runs).as("what runs keeps the server up meanwhile").isNotDone();
        gate.open();
        assertThat(runs.join().statusCode()).isEqualTo(200);
        TestServer.await("it has stopped", () -> !stopping.isAlive());
    }

    @Test
    void a_client_that_waits_for_a_job_and_leaves_gives_its_place_back() throws IOException {
        for (int i = 0; i < TestServer.IN_FLIGHT; i++) {
            RawClient client = new RawClient(server.port()).says("""
                    POST /v1/stems?stems=vocals HTTP/1.1
                    Host: localhost
                    Content-Type: audio/wav
                    Content-Length: 4
                    Idempotency-Key: key-%d

                    RIFF""".formatted(i));
            int jobs = i + 1;
            TestServer.await("the job is in", () -> jobs() == jobs);
            client.leaves();
        }

        TestServer.await(
                "there is room", () -> server.stems("?stems=vocals", "RIFF").statusCode() == 200);
        assertThat(jobs()).isEqualTo(TestServer.IN_FLIGHT);
    }

    @Test
    void a_client_that_reads_an_output_to_come_and_leaves_is_missed() throws IOException {
        Gate gate = new Gate();
        server.local.next(Script.start()
                .openAll()
                .write("vocals", "begun, ".getBytes(UTF_8))
                .await(gate));
        server.jobs.work();
        String id = submit();
        gate.awaitReached();
        RawClient client = new RawClient(server.port())
                .says("GET /v1/jobs/%s/outputs/vocals HTTP/1.1\nHost: localhost\n\n".formatted(id));
        TestServer.await("it is read", () -> server.metrics.scrape().contains("flowstate_http_readers 1"));

        client.leaves();

        TestServer.await("nobody reads", () -> server.metrics.scrape().contains("flowstate_http_readers 0"));
        gate.open();
    }

    @Test
    void a_key_whose_job_was_removed_is_free() {
        String first = keyed();
        server.send(
                HttpRequest.newBuilder(server.uri("/v1/jobs/" + first)).DELETE().build());

        assertThat(keyed()).isNotEqualTo(first);
        assertThat(keyed()).isEqualTo(keyed());
    }

    @Test
    void options_that_are_not_known_are_refused_wherever_they_come() {
        String path = "/v1/jobs/" + submit();

        assertThat(server.get(path + "?wiat=1s").body()).contains("Did you mean `wait`?");
        assertThat(server.get(path + "/events?after=1").statusCode()).isEqualTo(400);
        assertThat(server.post(path + "/cancel?now=true", "text/plain", "").statusCode())
                .isEqualTo(400);
        assertThat(server.post(path + "/retry?priority=realtime", "text/plain", "")
                        .statusCode())
                .isEqualTo(400);
    }

    private int jobs() {
        return Json.parseObject(server.get("/v1/jobs").body().getBytes(UTF_8))
                .get("jobs")
                .size();
    }

    private CompletableFuture<HttpResponse<String>> sent(String path) {
        return server.client()
                .sendAsync(HttpRequest.newBuilder(server.uri(path)).build(), BodyHandlers.ofString());
    }

    private String submit() {
        return id(server.send(server.audio("?stems=vocals", "RIFF")
                .header("Prefer", "respond-async")
                .build()));
    }

    private String keyed() {
        return id(server.send(server.audio("?stems=vocals", "RIFF")
                .header("Prefer", "respond-async")
                .header("Idempotency-Key", "mine")
                .build()));
    }

    private static String id(HttpResponse<String> answer) {
        return Json.parseObject(answer.body().getBytes(UTF_8)).get("id").stringValue();
    }
}
