package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Checkpoint;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.testkit.Gate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What an attempt leaves to the next, in a folder and in an S3-compatible store: it is there for that one, and gone when there will be none. */
abstract class JobCheckpointsContract extends JobFilesFixture {
    @Test
    void the_next_attempt_goes_on_from_the_checkpoint_of_the_last_and_its_end_removes_it() throws IOException {
        Gate gate = new Gate();
        Continuing provider = new Continuing(gate);
        Job job = house.submit();
        try (Worker first = start("first", provider)) {
            gate.awaitReached();
            first.drain(Duration.ZERO);
        }
        assertThat(keys("jobs/%s/checkpoint/".formatted(job.id()))).hasSize(2);

        try (Worker _ = start("second", provider)) {
            Job done = house.awaitEnd(job);

            assertThat(done.attempt()).isEqualTo(2);
            for (Output output : house.jobs.outputs(done)) {
                assertThat(house.read(done, output.name()))
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo("token: one, two");
            }
            assertNothingElseLies(done);
        }
        assertThat(scratch()).isEmpty();
    }

    @Test
    void canceling_a_job_that_waits_with_a_checkpoint_removes_that() throws IOException {
        Job job = withCheckpoint();

        house.jobs.cancel(House.OWNER, job.id());

        assertThat(house.now(job).status()).isEqualTo(Job.Status.CANCELED);
        assertNoCheckpoint(job);
    }

    @Test
    void a_deadline_that_passes_while_a_job_waits_with_a_checkpoint_removes_that() throws IOException {
        Job job = withCheckpoint();
        house.database.change(tx -> tx.sql().execute("update job set deadline_at = 1"));

        Jobs.endLate(house.database);

        assertThat(house.now(job).status()).isEqualTo(Job.Status.FAILED);
        assertNoCheckpoint(job);
    }

    @Test
    void a_job_that_is_over_before_its_next_attempt_runs_leaves_no_checkpoint() throws IOException {
        Job job = withCheckpoint();
        house.database.change(tx -> tx.sql().execute("update job set cancel_requested_at = 1"));

        house.worker(1);

        assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.CANCELED);
        assertNoCheckpoint(job);
    }

    @Test
    void what_attempts_that_were_cut_off_have_left_to_none_is_found_and_removed() throws IOException {
        Job waiting = withCheckpoint();
        Job plain = house.submit();
        house.database.change(tx -> tx.sql().execute("update scheduled_task set picked = true"));
        List<String> wanted = keys("");
        enter(plain, "fetched/1", BlobTable.INPUT);
        enter(plain, "checkpoint/1-0", BlobTable.CHECKPOINT);

        sweep();

        assertThat(keys("")).containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(keys("jobs/%s/checkpoint/".formatted(waiting.id()))).hasSize(2);
    }

    private void enter(Job job, String name, int attempt) throws IOException {
        String key = "jobs/%s/%s".formatted(job.id(), name);
        house.database.change(tx -> BlobTable.enter(
                tx, key, job.id(), attempt, 0, house.database.clock().instant()));
        write(key);
    }

    /** One that waits for its next attempt. */
    private Job withCheckpoint() throws IOException {
        Gate gate = new Gate();
        Job job = house.submit();
        try (Worker first = start("first", new Continuing(gate))) {
            gate.awaitReached();
            first.drain(Duration.ZERO);
        }
        assertThat(keys("jobs/%s/checkpoint/".formatted(job.id()))).hasSize(2);
        return job;
    }

    private void assertNoCheckpoint(Job job) throws IOException {
        sweeper.sweep();
        assertThat(keys("jobs/%s/checkpoint/".formatted(job.id()))).isEmpty();
    }

    private Worker start(String node, Provider provider) {
        return Worker.start(house.database, house.blobs, house.gateway(provider), house.egress, house.config(node, 1));
    }

    /** Saves two parts and waits to be stopped; where it finds some, it writes them to each output. */
    private record Continuing(Gate gate) implements Provider {
        @Override
        public String name() {
            return "local";
        }

        @Override
        public Status status(Deployment deployment) {
            return Status.ready(true);
        }

        @Override
        public Result run(Deployment deployment, Request request, Run run) {
            Checkpoint checkpoint = run.checkpoint();
            try {
                if (checkpoint.last().isEmpty()) {
                    checkpoint.save(
                            new Checkpoint.Saved("token", List.of(part(checkpoint, "one"), part(checkpoint, "two"))));
                    gate.pass(run.cancellation());
                }
                Checkpoint.Saved saved = checkpoint.last().orElseThrow();
                String text = "%s: %s, %s"
                        .formatted(
                                saved.token(),
                                content(checkpoint, saved.parts().getFirst()),
                                content(checkpoint, saved.parts().getLast()));
                try (OutputStream to = run.outputs()
                        .open(new Outputs.Description(
                                "vocals", ((StemsRequest) request).output(), OptionalLong.empty()))) {
                    to.write(text.getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException refused) {
                throw new UncheckedIOException(refused);
            }
            return new StemsResult(List.of("vocals"), Duration.ofSeconds(1), 44_100, 1, 0);
        }

        private static String part(Checkpoint checkpoint, String text) throws IOException {
            try (Checkpoint.Part part = checkpoint.begin()) {
                part.write(text.getBytes(StandardCharsets.UTF_8));
                part.commit();
                return part.name();
            }
        }

        private static String content(Checkpoint checkpoint, String part) throws IOException {
            try (InputStream from = checkpoint.read(part)) {
                return new String(from.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }
}
