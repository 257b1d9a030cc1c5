package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Sha256;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What becomes of the files of jobs, in a folder and in an S3-compatible store: every byte is there as long as it should be, and none longer. */
abstract class JobFilesContract extends JobFilesFixture {
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
}
