package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Nodes that do only one thing, and how a node says whether it can. */
final class NodeRolesTest {
    private static final Node API = new Node(Set.of(Role.API), List.of());
    private static final Node WORKER = new Node(Set.of(Role.WORKER), List.of());

    @Test
    void a_worker_without_the_role_api_can_be_looked_after_and_sends_all_others_elsewhere() {
        try (TestServer server = new TestServer(WORKER)) {
            for (String path : List.of("/healthz", "/readyz", "/metrics")) {
                assertThat(server.get(path).statusCode()).as(path).isEqualTo(200);
            }
            for (String request :
                    List.of("GET /v1/jobs", "POST /v1/stems", "DELETE /v1/jobs/job_1", "GET /", "GET /openapi.json")) {
                HttpResponse<String> answer = server.send(HttpRequest.newBuilder(server.uri(request.split(" ", 2)[1]))
                        .method(request.split(" ", 2)[0], HttpRequest.BodyPublishers.noBody())
                        .build());

                assertThat(answer.statusCode()).as(request).isEqualTo(421);
                assertThat(answer.body())
                        .contains("\"code\":\"misdirected\"", "no api role", "a node with the role api");
            }
        }
    }

    @Test
    void who_waits_at_a_node_without_the_role_worker_gets_what_a_worker_makes_and_nothing_of_it_stays() {
        try (TestServer server = new TestServer(API)) {
            server.jobs.work();

            HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(FakeProvider.PLAIN);
            assertThat(answer.headers().firstValue("flowstate-deployment")).contains("local/htdemucs");
            assertThat(answer.headers().firstValue("flowstate-attempts")).contains("1");
            assertThat(server.local.seen().getFirst().run().id()).startsWith("job_");
            assertThat(jobs(server)).isEqualTo("{\"jobs\":[]}");
        }
    }

    @Test
    void all_stems_come_in_one_archive_from_a_worker_too() throws IOException {
        try (TestServer server = new TestServer(API)) {
            server.jobs.work();

            HttpResponse<byte[]> answer =
                    server.send(server.audio("", "RIFF").build(), HttpResponse.BodyHandlers.ofByteArray());

            assertThat(Zip.entries(answer.body())).hasSize(4);
        }
    }

    @Test
    void a_failure_on_a_worker_is_the_caller_s_answer() {
        try (TestServer server = new TestServer(API)) {
            server.local.next(Script.start().fail(FlowError.of(Code.AUDIO_TRUNCATED, "It ends early.")));
            server.jobs.work();

            HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains("audio_truncated", "It ends early.");
            assertThat(jobs(server)).isEqualTo("{\"jobs\":[]}");
        }
    }

    @Test
    void a_client_that_leaves_takes_its_work_with_it() throws IOException {
        try (TestServer server = new TestServer(API)) {
            Gate never = new Gate();
            server.local.next(Script.start().openAll().await(never));
            server.jobs.work();
            try (RawClient client = new RawClient(server.port())) {
                client.says(
                        "POST /v1/stems?stems=vocals HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 4\n\nRIFF");
                never.awaitReached();
            }

            TestServer.await("the run is stopped", () -> server.local.running() == 0);
            TestServer.await("the job is gone", () -> jobs(server).equals("{\"jobs\":[]}"));
        }
    }

    @Test
    void options_of_jobs_are_refused_as_everywhere_to_a_caller_who_waits() {
        try (TestServer server = new TestServer(API)) {
            HttpResponse<String> answer = server.stems("?stems=vocals&tags=a", "RIFF");

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("is for jobs only");
        }
    }

    @Test
    void a_node_is_ready_as_long_as_all_that_it_depends_on_is_there() {
        AtomicReference<Optional<String>> obstacle = new AtomicReference<>(Optional.empty());
        try (TestServer server = new TestServer(with("database", obstacle::get))) {
            HttpResponse<String> ready = server.get("/readyz");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("\"checks\":{\"database\":{\"ok\":true},\"engine\":{\"ok\":true}}");
            described(server, ready);

            obstacle.set(Optional.of("It is away."));
            HttpResponse<String> unready = server.get("/readyz");
            assertThat(unready.statusCode()).isEqualTo(503);
            assertThat(unready.body())
                    .contains(
                            "\"status\":\"unavailable\"",
                            "\"database\":{\"ok\":false,\"why\":\"It is away.\"}",
                            "\"engine\":{\"ok\":true}",
                            "\"why\":\"database: It is away.\"",
                            "\"roles\":[\"api\",\"worker\"]");
            described(server, unready);
            assertThat(server.get("/healthz").statusCode()).isEqualTo(200);

            obstacle.set(Optional.empty());
            assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_check_that_hangs_is_told_from_one_that_passes_and_is_not_begun_again_and_again() {
        Gate gate = new Gate();
        AtomicInteger begun = new AtomicInteger();
        try (TestServer server = new TestServer(with("blobs", () -> {
            begun.incrementAndGet();
            gate.pass(new Cancellation());
            return Optional.empty();
        }))) {
            assertThat(server.get("/readyz").body()).contains("There was no answer within 3 s.");
            assertThat(server.get("/readyz").statusCode()).isEqualTo(503);
            assertThat(begun).hasValue(1);

            gate.open();
            TestServer.await("it is ready", () -> server.get("/readyz").statusCode() == 200);
        }
    }

    @Test
    void a_check_that_fails_says_why_and_a_fault_keeps_its_insides() {
        try (TestServer server = new TestServer(with("database", () -> {
            throw FlowError.of(Code.STORE_UNAVAILABLE, "The database cannot be reached at the moment.");
        }))) {
            assertThat(server.get("/readyz").body()).contains("The database cannot be reached at the moment.");
        }
        try (TestServer server = new TestServer(with("database", () -> {
            throw new IllegalStateException("the password is 1234");
        }))) {
            assertThat(server.get("/readyz").body())
                    .contains("The check failed unexpectedly")
                    .doesNotContain("1234");
        }
    }

    private static Node with(String name, Supplier<Optional<String>> obstacle) {
        return new Node(Set.of(Role.API, Role.WORKER), List.of(new Node.Check(name, obstacle)));
    }

    private static void described(TestServer server, HttpResponse<String> answer) {
        new Described(server.get("/openapi.json").body()).matches("GET", "/readyz", answer);
    }

    private static String jobs(TestServer server) {
        return server.get("/v1/jobs").body();
    }
}
