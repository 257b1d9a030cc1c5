package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.Status;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client hears when there is no room for its request, and when. */
class FullHouseTest {
    private static final Status FULL = full(40);

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void nobody_uploads_what_every_place_would_refuse() throws IOException {
        server.local.stands(FULL);
        server.worker.stands(full(17));

        try (RawClient client = new RawClient(server.port()).says("""
                POST /v1/stems?stems=vocals HTTP/1.1
                Host: localhost
                Content-Type: audio/wav
                Expect: 100-continue
                Content-Length: 4000000

                """)) {
            assertThat(client.hearsAll())
                    .startsWith("HTTP/1.1 429")
                    .contains("queue_full", "Retry-After: 17\r\n", "local/htdemucs, worker/htdemucs");
        }
    }

    @Test
    void nobody_uploads_what_nothing_here_can_run() throws IOException {
        server.local.stands(Status.unavailable("it needs more memory"));
        server.worker.stands(Status.unavailable("nobody answers"));

        try (RawClient client = new RawClient(server.port()).says("""
                POST /v1/stems?stems=vocals HTTP/1.1
                Host: localhost
                Content-Type: audio/wav
                Expect: 100-continue
                Content-Length: 4000000

                """)) {
            assertThat(client.hearsAll())
                    .startsWith("HTTP/1.1 503")
                    .contains(
                            "\"code\":\"unavailable\"", "\"retryable\":false", "local/htdemucs (it needs more memory)");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', 200",
        "?providers=worker, 200",
        "?providers=local, 429",
        "?data=local-only, 429",
        "?model=local/htdemucs, 429"
    })
    void only_the_places_that_may_run_it_count(String query, int status) {
        server.local.stands(FULL);

        assertThat(server.stems(query, "RIFF").statusCode()).isEqualTo(status);
    }

    @Test
    void a_place_that_lets_nobody_wait_is_not_full_while_it_is_idle() {
        server.local.stands(new Status(Optional.empty(), true, 0, 0, 0));
        assertThat(server.stems("?providers=local&stems=bass", "RIFF").statusCode())
                .isEqualTo(200);

        server.local.stands(new Status(Optional.empty(), true, 1, 0, 0));
        assertThat(server.stems("?providers=local&stems=bass", "RIFF").statusCode())
                .isEqualTo(429);
    }

    @Test
    void requests_in_flight_are_counted_from_their_upload_on() {
        Gate gate = new Gate();
        List<CompletableFuture<HttpResponse<String>>> inside = new ArrayList<>();
        for (int i = 0; i < TestServer.IN_FLIGHT; i++) {
            server.local.next(Script.start().openAll().await(gate));
            inside.add(server.client()
                    .sendAsync(server.audio("?stems=bass", "RIFF").build(), BodyHandlers.ofString()));
        }
        TestServer.await("all are inside", () -> server.local.running() == TestServer.IN_FLIGHT);

        HttpResponse<String> refused = server.stems("?stems=bass", "RIFF");
        gate.open();

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(refused.body()).contains("queue_full", "server.max_in_flight");
        assertThat(server.metrics.scrape())
                .contains(
                        "flowstate_request_duration_seconds_count{deployment=\"none\",outcome=\"queue_full\",task=\"stems\"} 1");
        assertThat(inside)
                .allSatisfy(each -> assertThat(each.join().statusCode()).isEqualTo(200));
        assertThat(server.stems("?stems=bass", "RIFF").statusCode()).isEqualTo(200);
    }

    @Test
    void whoever_is_refused_is_counted_once() {
        server.local.stands(FULL);
        server.worker.stands(FULL);

        server.stems("?stems=bass", "RIFF");
        server.stems("?stems=nonsense", "RIFF");

        assertThat(server.metrics.scrape())
                .contains(
                        "flowstate_request_duration_seconds_count{deployment=\"none\",outcome=\"queue_full\",task=\"stems\"} 2");
    }

    @Test
    void a_server_that_nothing_is_available_to_is_not_ready_and_says_why() {
        server.local.stands(Status.unavailable("its engine is broken"));
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);

        server.worker.stands(Status.unavailable("nobody answers"));
        HttpResponse<String> answer = server.get("/readyz");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body())
                .contains(
                        "\"status\":\"unavailable\"",
                        "local/htdemucs: its engine is broken; worker/htdemucs: nobody answers");
        new Described(server.get("/openapi.json").body()).matches("GET", "/readyz", answer);
    }

    private static Status full(int secondsToNextPlace) {
        return new Status(Optional.empty(), true, 1, 8, 8, Optional.of(Duration.ofSeconds(secondsToNextPlace)));
    }
}
