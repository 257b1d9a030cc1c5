package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Status;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Somebody waits under a key while the job begins its outputs anew: he gets all of one beginning, or is cut off. */
final class BegunAnewTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @ValueSource(strings = {"vocals", "vocals,bass"})
    void an_answer_of_which_nothing_has_gone_out_begins_anew_with_its_job(String stems) {
        int rounds = 3;
        Gate[] gates = new Gate[rounds];
        for (int i = 0; i < rounds; i++) {
            gates[i] = new Gate();
            server.local.next(Script.start()
                    .openAll()
                    .write("vocals", "void".getBytes(UTF_8))
                    .await(gates[i])
                    .fail(full()));
        }
        server.worker.stands(Status.unavailable("out of order"));
        CompletableFuture<HttpResponse<String>> waiting =
                server.client().sendAsync(request(stems), BodyHandlers.ofString());
        server.jobs.work();
        for (Gate gate : gates) {
            gate.awaitReached();
            // Whoever follows the job is told of its outputs now, and so is the answer that waits for their bytes.
            awaitOutputs();
            gate.open();
        }

        HttpResponse<String> answer = waiting.join();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains(FakeProvider.PLAIN).doesNotContain("void");
    }

    @Test
    void an_answer_that_has_begun_is_cut_off_and_never_goes_on_with_other_bytes() throws Exception {
        Gate gate = new Gate();
        byte[] piece = "void".repeat(1 << 20).getBytes(UTF_8);
        server.local.next(Script.start().openAll().writeAll(piece).await(gate).fail(full()));
        server.worker.stands(Status.unavailable("out of order"));
        server.jobs.work();
        HttpResponse<InputStream> answer = server.client().send(request("vocals"), BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            assertThat(body.readNBytes(1000)).startsWith("void".getBytes(UTF_8));

            gate.open();

            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
        }
        HttpResponse<String> again = server.send(request("vocals"));
        assertThat(again.body()).isEqualTo(FakeProvider.PLAIN);
    }

    private HttpRequest request(String stems) {
        return server.audio("?stems=" + stems, "RIFF")
                .header("Idempotency-Key", "mine")
                .build();
    }

    private static FlowError full() {
        return FlowError.of(Code.QUEUE_FULL, "Full.").retryAfter(Duration.ofMillis(10));
    }

    private void awaitOutputs() {
        JsonNode jobs;
        do {
            jobs = Json.parseObject(server.get("/v1/jobs").body().getBytes(UTF_8))
                    .get("jobs");
        } while (jobs.isEmpty() || jobs.get(0).get("outputs").isEmpty());
    }
}
