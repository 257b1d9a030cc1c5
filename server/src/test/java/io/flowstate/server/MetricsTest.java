package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Status;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MetricsTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void requests_are_counted_by_task_deployment_and_outcome() {
        server.stems("?stems=vocals", "RIFF");
        server.local.next(Script.start().fail(FlowError.of(Code.AUDIO_TRUNCATED, "It ends early.")));
        server.stems("?stems=vocals", "RIFF");

        assertThat(server.get("/metrics").body())
                .contains(
                        "flowstate_request_duration_seconds_count{deployment=\"local/htdemucs\",outcome=\"ok\",task=\"stems\"} 1",
                        "flowstate_request_duration_seconds_count{deployment=\"local/htdemucs\",outcome=\"audio_truncated\",task=\"stems\"} 1",
                        "flowstate_request_duration_seconds_bucket{",
                        "flowstate_attempts_total{deployment=\"local/htdemucs\",task=\"stems\"} 2",
                        "flowstate_audio_seconds_total{deployment=\"local/htdemucs\",task=\"stems\"} 60");
    }

    @Test
    void a_job_that_is_refused_is_counted_too() {
        server.post("/v1/jobs?task=stems&model=none", "audio/wav", "RIFF");

        assertThat(server.get("/metrics").body()).contains("outcome=\"unknown_model\",task=\"stems\"} 1");
    }

    @Test
    void an_answer_that_was_cut_off_is_counted_as_such() throws IOException {
        Gate heard = new Gate();
        server.local.next(Script.start()
                .openAll()
                .write("vocals", new byte[] {'x'})
                .await(heard)
                .fail(FlowError.of(Code.AUDIO_TRUNCATED, "It ends early.")));
        try (RawClient client = new RawClient(server.port())
                .says(
                        "POST /v1/stems?stems=vocals HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 4\n\nRIFF")) {
            client.hearsHead();
            heard.open();
            client.hearsAll();
        }

        TestServer.await(
                "it is counted",
                () -> server.metrics
                        .scrape()
                        .contains(
                                "flowstate_http_request_duration_seconds_count{method=\"POST\",route=\"/v1/stems\",status=\"aborted\"} 1"));
    }

    @Test
    void queues_are_visible() {
        server.local.stands(new Status(Optional.empty(), true, 1, 3, 8));
        server.worker.stands(Status.unavailable("away"));

        assertThat(server.get("/metrics").body())
                .contains(
                        "flowstate_deployment_running{deployment=\"local/htdemucs\"} 1",
                        "flowstate_deployment_queued{deployment=\"local/htdemucs\"} 3",
                        "flowstate_deployment_queue_capacity{deployment=\"local/htdemucs\"} 8",
                        "flowstate_deployment_available{deployment=\"local/htdemucs\"} 1",
                        "flowstate_deployment_available{deployment=\"worker/htdemucs\"} 0");
    }

    @Test
    void jobs_are_visible_while_they_wait_and_when_they_are_over() {
        server.post("/v1/jobs?task=stems&stems=vocals", "audio/wav", "RIFF");
        assertThat(server.get("/metrics").body())
                .contains(
                        "flowstate_jobs_queued 1.0",
                        "flowstate_jobs_running 0.0",
                        "flowstate_store_bytes 4.0",
                        "flowstate_store_max_bytes 3.3554432E7",
                        "flowstate_webhooks_dead 0.0",
                        "flowstate_webhooks_pending 0.0");
        assertThat(server.get("/metrics").body()).containsPattern("flowstate_jobs_oldest_seconds 0\\.\\d+");

        server.jobs.work();

        TestServer.await(
                "it is over",
                () -> server.get("/metrics").body().contains("flowstate_jobs_ended_total{status=\"succeeded\"} 1.0"));
        assertThat(server.get("/metrics").body())
                .contains(
                        "flowstate_jobs_queued 0.0",
                        "flowstate_jobs_oldest_seconds 0.0",
                        "flowstate_jobs_ended_total{status=\"failed\"} 0.0",
                        "flowstate_jobs_put_back_total 0.0",
                        "flowstate_jobs_lost_total 0.0",
                        "flowstate_sweeps_total{outcome=\"ok\"} 0.0");
    }

    @Test
    void what_cannot_be_seen_is_not_a_number_and_what_is_in_the_way_is_visible() {
        Metrics blind = new Metrics();
        blind.watch(
                () -> {
                    throw FlowError.of(Code.STORE_UNAVAILABLE, "It is away.");
                },
                1,
                List.of());

        assertThat(blind.scrape()).contains("flowstate_jobs_queued NaN", "flowstate_store_bytes NaN");
        blind.close();
        assertThat(server.get("/metrics").body()).contains("flowstate_ready{check=\"engine\"} 1.0");
        server.local.stands(Status.unavailable("away"));
        server.worker.stands(Status.unavailable("away"));
        assertThat(server.get("/metrics").body()).contains("flowstate_ready{check=\"engine\"} 0.0");
    }

    @Test
    void the_process_is_visible() {
        assertThat(server.get("/metrics").body())
                .contains(
                        "jvm_memory_used_bytes",
                        "jvm_threads_live_threads",
                        "process_uptime_seconds",
                        "process_cpu_usage");
    }

    @Test
    void no_client_can_make_up_a_label() {
        server.get("/made-up");
        server.send(HttpRequest.newBuilder(server.uri("/also-made-up"))
                .method("MADEUP", HttpRequest.BodyPublishers.noBody())
                .build());

        TestServer.await(
                "both are counted",
                () -> server.metrics
                        .scrape()
                        .contains(
                                "flowstate_http_request_duration_seconds_count{method=\"other\",route=\"unknown\",status=\"404\"}"));
        assertThat(server.metrics.scrape()).doesNotContain("made-up", "MADEUP");
    }
}
