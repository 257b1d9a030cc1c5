package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of an answer when the work fails, before its first byte and after. */
class StemsFailureTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void a_failure_before_the_first_byte_is_a_clean_error() {
        server.local.next(Script.start()
                .openAll()
                .fail(FlowError.of(Code.AUDIO_TRUNCATED, "The file ends early.").advice("Set allow_truncated.")));

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Disposition")).isEmpty();
        assertThat(answer.headers().firstValue("flowstate-deployment")).contains("local/htdemucs");
        assertThat(answer.body())
                .contains(
                        "\"code\":\"audio_truncated\"",
                        "\"advice\":\"Set allow_truncated.\"",
                        "\"attempts\":[{\"deployment\":\"local/htdemucs\",\"code\":\"audio_truncated\",\"message\":\"The file ends early.\"");
        assertThat(answer.headers().firstValue("flowstate-failed-attempts").orElseThrow())
                .matches("local/htdemucs; code=audio_truncated; ms=\\d+");
    }

    @Test
    void a_zip_that_fails_before_its_first_sample_is_a_clean_error_too() {
        server.local.next(Script.start()
                .openAll()
                .write("bass", bytes("which only waits"))
                .fail(FlowError.of(Code.AUDIO_TRUNCATED, "The file ends early.")));

        HttpResponse<String> answer = server.stems("", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Disposition")).isEmpty();
        assertThat(answer.body()).contains("\"code\":\"audio_truncated\"");
    }

    @Test
    void a_stem_that_the_spool_has_lost_is_the_servers_failure_and_not_the_clients_departure() throws Exception {
        Gate gate = new Gate();
        server.local.next(
                Script.start().openAll().write("bass", bytes("which waits")).await(gate));
        CompletableFuture<HttpResponse<String>> answer =
                server.client().sendAsync(server.audio("", "RIFF").build(), BodyHandlers.ofString());
        gate.awaitReached();
        Files.delete(server.spooled("bass"));
        gate.open();

        assertThat(answer.get().statusCode()).isEqualTo(500);
        assertThat(answer.get().body()).contains("\"code\":\"output_not_writable\"", "spool folder");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_failure_after_the_first_byte_cuts_the_answer_off(boolean expected) throws IOException {
        Gate heard = new Gate();
        Script half = Script.start().openAll().write("vocals", bytes("half")).await(heard);
        server.local.next(
                expected
                        ? half.fail(FlowError.of(Code.AUDIO_TRUNCATED, "The file ends early."))
                        : half.crash(new IllegalStateException("a fault")));

        try (RawClient client = new RawClient(server.port())
                .says(
                        "POST /v1/stems?stems=vocals HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 4\n\nRIFF")) {
            assertThat(client.hearsUntil("half")).startsWith("HTTP/1.1 200");
            heard.open();
            assertThat(client.hearsAll()).doesNotContain("0\r\n\r\n", "error");
        }
        assertThat(server.worker.seen()).isEmpty();
    }

    @Test
    void another_deployment_takes_over_when_nothing_has_left_yet() throws IOException {
        server.local.next(Script.start().openAll(99).fail(FlowError.of(Code.OUT_OF_MEMORY, "It does not fit.")));

        HttpResponse<String> one = server.stems("?stems=vocals", "RIFF");

        assertThat(one.statusCode()).isEqualTo(200);
        assertThat(one.body()).isEqualTo(FakeProvider.PLAIN);
        assertThat(one.headers().firstValue("flowstate-deployment")).contains("worker/htdemucs");
        assertThat(one.headers().firstValue("flowstate-cost-usd")).contains("unpriced");
        assertThat(one.headers().firstValue("flowstate-attempts")).contains("2");
        assertThat(one.headers().firstValue("flowstate-failed-attempts").orElseThrow())
                .as("what fell back and why")
                .matches("local/htdemucs; code=[a-z_]+; ms=\\d+");

        server.local.next(Script.start()
                .openAll()
                .write("bass", bytes("waits"))
                .fail(FlowError.of(Code.OUT_OF_MEMORY, "It does not fit.")));
        HttpResponse<byte[]> zip = server.send(server.audio("", "RIFF").build(), BodyHandlers.ofByteArray());
        assertThat(Zip.entries(zip.body())).hasSize(4).containsEntry("audio-stems/bass.wav", FakeProvider.PLAIN);
    }

    @Test
    void a_crash_says_nothing_of_its_inside() {
        server.local.next(Script.start().crash(new IllegalStateException("secret detail")));
        server.worker.next(Script.start().crash(new IllegalStateException("secret detail")));

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body())
                .contains("\"code\":\"internal_error\"")
                .doesNotContain("secret", "Exception", "\tat ");
    }

    @Test
    void a_full_queue_says_when_to_come_back() {
        FlowError full = FlowError.of(Code.QUEUE_FULL, "The queue is full.").retryAfter(Duration.ofMillis(2_100));
        server.local.next(Script.start().fail(full));
        server.worker.next(Script.start().fail(full));

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).contains("3");
    }

    @Test
    void work_that_passes_its_deadline_is_stopped() {
        server.worker.next(Script.start().openAll().await(new Gate()));

        HttpResponse<String> answer = server.stems("?stems=vocals&deadline_ms=100&providers=worker", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).contains("\"code\":\"deadline_exceeded\"");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
