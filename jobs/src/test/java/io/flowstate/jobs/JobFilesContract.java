package io.flowstate.jobs;

import static io.flowstate.jobs.JobsContract.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.Sha256;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Checkpoint;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.storage.Database;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the files of jobs, in a folder and in an S3-compatible store: every byte is there as long as it should be, and none longer. */
abstract class JobFilesContract {
    private static final Duration AT_ONCE = Duration.ofDays(-1);

    @TempDir
    Path folder;

    House house;
    private Sweeper sweeper;

    abstract Database database(Path folder);

    abstract BlobStore blobs(Path folder) throws IOException;

    @BeforeEach
    void open() throws IOException {
        house = new House(database(folder), folder, blobs(folder));
        sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void any_range_of_an_output_is_there_wherever_its_pieces_end() throws IOException {
        byte[] all = bytes(2 * JobOutputs.PIECE_BYTES + 1_000);
        house.local.next(Script.start()
                .openAll()
                .writeAll(Arrays.copyOf(all, JobOutputs.PIECE_BYTES - 1))
                .writeAll(Arrays.copyOfRange(all, JobOutputs.PIECE_BYTES - 1, all.length)));
        house.worker(1);

        Job done = house.awaitEnd(house.submit());

        Output output = house.jobs.outputs(done).getFirst();
        assertThat(output.bytes()).isEqualTo(all.length);
        assertThat(output.sha256()).hasValue(sha256(all));
        int[] starts = {0, 1, JobOutputs.PIECE_BYTES - 2, JobOutputs.PIECE_BYTES, all.length - 10, all.length};
        for (int from : starts) {
            for (int length : new int[] {1, 100, JobOutputs.PIECE_BYTES + 7}) {
                try (InputStream part = house.jobs.read(done, output, from, length)) {
                    assertThat(Arrays.equals(
                                    part.readAllBytes(),
                                    Arrays.copyOfRange(all, from, Math.min(all.length, from + length))))
                            .as("%d bytes from %d", length, from)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void what_is_read_of_an_output_that_begins_again_ends_with_an_error_and_the_new_one_is_whole() throws IOException {
        Gate gate = new Gate();
        house.local.next(Script.start()
                .openAll()
                .writeAll(new byte[JobOutputs.PIECE_BYTES])
                .await(gate));
        Job job = house.submit();
        Worker first = house.worker(1);
        gate.awaitReached();
        Output growing = house.jobs.outputs(job).getFirst();
        try (InputStream stream = house.jobs.read(job, growing, 0, Long.MAX_VALUE)) {
            assertThat(stream.readNBytes(1_000)).hasSize(1_000);

            first.drain(Duration.ZERO);

            assertThatThrownBy(() -> stream.readAllBytes()).isInstanceOf(FlowError.class);
        }
        house.worker(1);
        Job done = house.awaitEnd(job);
        assertThat(house.read(done, growing.name())).isEqualTo("what a fake plays".getBytes(StandardCharsets.UTF_8));
        assertNothingElseLies(done);
    }

    @Test
    void a_job_that_is_tried_again_has_its_input_and_leaves_nothing_of_its_first_attempt() throws IOException {
        house.local.next(Script.start()
                .openAll()
                .writeAll(new byte[JobOutputs.PIECE_BYTES + 1])
                .fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.")));
        house.worker(1);
        Job failed = house.awaitEnd(house.submit());
        assertThat(failed.status()).isEqualTo(Job.Status.FAILED);

        house.jobs.retry(House.OWNER, failed.id());

        Job done = house.awaitEnd(failed);
        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(done.attempt()).isEqualTo(2);
        assertNothingElseLies(done);
    }

    @Test
    void removing_a_job_removes_all_its_files_and_no_other_job_s() throws IOException {
        house.worker(1);
        Job kept = house.awaitEnd(house.submit());
        Job removed = house.awaitEnd(house.submit());

        house.jobs.remove(House.OWNER, removed.id());
        sweeper.sweep();

        assertThat(keys("jobs/" + removed.id() + "/")).isEmpty();
        assertThat(house.read(kept, "vocals")).isNotEmpty();
        assertNothingElseLies(kept);
    }

    @Test
    void a_job_that_is_removed_while_it_runs_stops_and_leaves_nothing() throws IOException {
        Gate gate = new Gate();
        house.local.next(Script.start()
                .openAll()
                .writeAll(new byte[JobOutputs.PIECE_BYTES])
                .await(gate));
        Job job = house.submit();
        Worker worker = house.worker(1);
        gate.awaitReached();

        house.jobs.remove(House.OWNER, job.id());

        awaitThat(() -> worker.running() == 0);
        sweep();
        assertThat(keys("")).isEmpty();
        assertThat(scratch()).isEmpty();
    }

    @Test
    void outputs_that_have_expired_are_gone_and_said_to_be() throws IOException {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());
        Output output = house.jobs.outputs(done).getFirst();

        house.database.change(tx -> tx.sql().execute("update job set expires_at = 1"));
        sweeper.sweep();

        assertThat(keys("jobs/" + done.id() + "/" + done.attempt() + "/")).isEmpty();
        assertThatThrownBy(() -> house.jobs.read(house.now(done), output, 0, 1))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.EXPIRED));
    }

    @Test
    void what_belongs_to_nothing_is_found_and_removed() throws IOException {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());
        write("jobs/job_nobody/1/0/vocals/0");
        write("jobs/%s/7/0/vocals/0".formatted(done.id()));

        assertNothingElseLies(done);
    }

    @Test
    void what_others_keep_in_the_store_beside_jobs_and_uploads_stays() throws IOException {
        write("backups/monday");
        write("job");

        sweep();

        assertThat(keys("")).containsExactly("backups/monday", "job");
    }

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

    /** Of all that was ever written only the job's input and its present outputs are left. */
    private void assertNothingElseLies(Job done) throws IOException {
        sweep();
        List<String> wanted = house.database.read(sql -> sql.createQuery(
                        "select blob from piece where job_id = :id union select input_blob from job where id = :id")
                .bind("id", done.id())
                .mapTo(String.class)
                .list());
        assertThat(keys("")).containsExactlyInAnyOrderElementsOf(wanted);
    }

    private void sweep() throws IOException {
        sweeper.sweep(AT_ONCE);
        sweeper.reconcile(AT_ONCE);
    }

    private List<String> keys(String prefix) throws IOException {
        return house.blobs.list(prefix, "", 1_000).stream()
                .map(BlobStore.Entry::key)
                .toList();
    }

    private void write(String key) throws IOException {
        try (BlobStore.Writer writer = house.blobs.create(key)) {
            writer.write(1);
            writer.commit();
        }
    }

    private List<Path> scratch() throws IOException {
        try (Stream<Path> files = Files.list(house.scratch.folder())) {
            return files.toList();
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static String sha256(byte[] bytes) {
        MessageDigest digest = Sha256.begin();
        digest.update(bytes);
        return Sha256.end(digest);
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
