package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What is read out of a job. */
final class RemoteJobTest {
    private static final URI SERVER = URI.create("http://studio:7070");

    @Test
    void the_time_of_a_job_is_that_of_the_run_that_succeeded_and_not_of_nodes_that_died_before() {
        RemoteJob job = job("""
                {"id": "job_1", "status": "succeeded",
                 "started_at": "2026-11-22T10:00:00Z", "finished_at": "2026-11-22T11:00:00Z",
                 "attempts": [{"deployment": "a/b", "code": "unavailable", "duration_ms": 5000},
                              {"deployment": "local/htdemucs", "duration_ms": 30000}]}""");

        assertThat(job.separated(SERVER).took()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void without_it_the_time_is_from_the_begin_to_the_end() {
        RemoteJob job = job("""
                {"id": "job_1", "status": "succeeded", "attempts": [],
                 "started_at": "2026-11-22T10:00:00Z", "finished_at": "2026-11-22T10:01:00Z"}""");

        assertThat(job.separated(SERVER).took()).isEqualTo(Duration.ofMinutes(1));
    }

    private static RemoteJob job(String document) {
        return new RemoteJob(new JsonMapper().readTree(document));
    }
}
