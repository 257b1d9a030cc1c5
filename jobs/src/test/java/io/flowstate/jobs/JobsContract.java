package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.routing.Policy;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of jobs that were handed in, on either database and on any store. */
abstract class JobsContract extends JobsFixture {
    @Test
    void a_job_waits_until_a_node_runs_it_and_then_has_its_outputs() throws IOException {
        Job queued = house.submit();
        assertThat(queued.status()).isEqualTo(Job.Status.QUEUED);
        assertThat(house.jobs.position(queued)).hasValue(0);

        house.worker(1);

        Job done = house.awaitEnd(queued);
        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(done.attempt()).isEqualTo(1);
        assertThat(done.advance().fraction()).isEqualTo(1);
        assertThat(house.jobs.outputs(done))
                .extracting(Output::name)
                .containsExactly("drums", "bass", "other", "vocals");
        assertThat(house.jobs.outputs(done)).allMatch(Output::isComplete);
        assertThat(house.jobs.outputs(done).getFirst().file()).isEqualTo("song-drums.wav");
        assertThat(house.read(done, "vocals")).asString(StandardCharsets.UTF_8).isEqualTo(FakeProvider.PLAIN);
    }

    @Test
    void an_output_can_be_read_while_it_is_being_written() throws IOException {
        Gate gate = new Gate();
        byte[] first = new byte[JobOutputs.PIECE_BYTES];
        house.local.next(Script.start()
                .openAll()
                .writeAll(first)
                .await(gate)
                .writeAll("the end".getBytes(StandardCharsets.UTF_8)));
        Job job = house.submit();
        house.worker(1);
        gate.awaitReached();

        Output growing = house.jobs.outputs(job).getFirst();
        assertThat(growing.isComplete()).isFalse();
        try (InputStream stream = house.jobs.read(job, growing, 0, Long.MAX_VALUE)) {
            assertThat(stream.readNBytes(first.length)).isEqualTo(first);
            gate.open();
            assertThat(stream.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("the end");
        }
    }

    @Test
    void a_job_that_waits_is_canceled_at_once_and_never_runs() {
        Job job = house.submit();

        Job canceled = house.jobs.cancel(House.OWNER, job.id());

        assertThat(canceled.status()).isEqualTo(Job.Status.CANCELED);
        house.worker(1);
        house.awaitEnd(house.submit());
        assertThat(house.local.seen()).hasSize(1);
    }

    @Test
    void canceling_reaches_the_run() {
        house.local.next(Script.start().openAll().await(new Gate()));
        Job job = house.submit();
        house.worker(1);
        awaitStatus(job, Job.Status.RUNNING);

        house.jobs.cancel(House.OWNER, job.id());

        assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.CANCELED);
        assertThat(house.jobs.outputs(job)).isEmpty();
    }

    @Test
    void canceling_what_is_over_changes_nothing() {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());

        assertThat(house.jobs.cancel(House.OWNER, done.id())).isEqualTo(done);
    }

    @Test
    void a_job_that_failed_says_why_and_can_be_tried_again() {
        house.local.next(
                Script.start().fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.").advice("Buy more.")));
        house.worker(1);
        Job failed = house.awaitEnd(house.submit());
        assertThat(failed.status()).isEqualTo(Job.Status.FAILED);
        assertThat(failed.error().orElseThrow()).contains("out_of_memory", "Too big.", "Buy more.");

        house.jobs.retry(House.OWNER, failed.id());

        Job done = house.awaitEnd(failed);
        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(done.attempt()).isEqualTo(2);
        assertThat(done.error()).isEmpty();
    }

    @Test
    void only_what_failed_or_was_canceled_is_tried_again() {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());

        assertThatThrownBy(() -> house.jobs.retry(House.OWNER, done.id()))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.CONFLICT));
    }

    @Test
    void a_full_provider_puts_the_job_off_without_counting_it_as_a_failure() {
        house.local.next(
                Script.start().fail(FlowError.of(Code.QUEUE_FULL, "Full.").retryAfter(Duration.ofMillis(50))));
        house.worker(1);

        Job done = house.awaitEnd(house.submit());

        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(house.local.seen()).hasSize(2);
    }

    @Test
    void realtime_comes_before_background_and_owners_take_turns() {
        house.worker(1).drain(Duration.ZERO);
        for (int i = 0; i < 5; i++) {
            house.jobs.submit(house.submission("greedy", background()));
        }
        house.jobs.submit(house.submission("modest", background()));
        house.jobs.submit(house.submission("urgent", Policy.DEFAULT));

        house.worker(1);

        awaitRuns(7);
        assertThat(house.local.seen().stream()
                        .map(seen -> house.database
                                .read(sql -> JobTable.find(sql, seen.run().id()))
                                .orElseThrow()
                                .owner()))
                .startsWith("urgent", "greedy", "modest", "greedy");
    }

    @Test
    void a_node_that_is_drained_hands_its_jobs_back_and_another_finishes_them() {
        Gate gate = new Gate();
        house.local.next(Script.start().openAll().await(gate));
        Job job = house.submit();
        Worker first = house.worker(1);
        gate.awaitReached();

        first.drain(Duration.ZERO);
        assertThat(house.now(job).status()).isEqualTo(Job.Status.QUEUED);
        house.worker(1);

        assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.SUCCEEDED);
    }

    @Test
    void a_deadline_that_passes_in_the_queue_ends_the_job() {
        Job job = house.jobs.submit(house.submission(House.OWNER, deadline(Duration.ofSeconds(2))));

        awaitThat(() -> {
            Jobs.endLate(house.database);
            return house.now(job).status() == Job.Status.FAILED;
        });

        assertThat(house.now(job).error().orElseThrow()).contains("deadline_exceeded");
    }

    @Test
    void waiting_ends_with_the_change() {
        Job job = house.submit();
        house.worker(1);

        Job later =
                house.jobs.awaitChange(House.OWNER, job.id(), job.revisions().last(), Duration.ofSeconds(20));

        assertThat(later.revisions().last()).isGreaterThan(job.revisions().last());
    }

    private static Policy background() {
        return new Policy(Policy.Priority.BACKGROUND, Optional.empty(), Optional.empty(), Set.of(), false, false);
    }

    private static Policy deadline(Duration limit) {
        return new Policy(Policy.Priority.REALTIME, Optional.empty(), Optional.of(limit), Set.of(), false, false);
    }

    void awaitStatus(Job job, Job.Status status) {
        awaitThat(() -> house.now(job).status() == status);
    }

    private void awaitRuns(int count) {
        awaitThat(() -> house.local.seen().size() >= count);
    }
}
