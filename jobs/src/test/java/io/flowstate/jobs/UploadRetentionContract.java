package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of uploads: inputs of jobs, or nothing in the end. On either database. */
abstract class UploadRetentionContract extends UploadsContract {
    @Test
    void what_came_in_several_requests_is_one_file_and_the_input_of_jobs() throws Exception {
        byte[] song = bytes(200_000);
        UploadState upload = create(song.length);
        append(upload, 0, song, 0, 100);
        append(upload, 100, song, 100, song.length - 100);
        assertThat(now(upload).isComplete()).isTrue();
        house.worker(1);

        Job first = house.awaitEnd(house.jobs.submit(with(upload)));
        Job second = house.awaitEnd(house.jobs.submit(with(upload)));

        assertThat(List.of(first, second)).allSatisfy(job -> {
            assertThat(job.status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(job.input().name()).isEqualTo("song.wav");
            assertThat(job.input().bytes()).hasValue(song.length);
            assertThat(job.input().sha256()).contains(sha256(song));
            assertThat(Files.readAllBytes(house.blobs.file(job.input().blob().orElseThrow(), folder)))
                    .isEqualTo(song);
        });
        assertThat(scratch()).isEmpty();
    }

    @Test
    void an_upload_expires_a_while_after_its_last_bytes_and_takes_them_with_it() throws IOException {
        UploadState upload = create(10);
        passes(KEEP.minusMinutes(1));
        append(upload, 0, new byte[5], 0, 5);
        passes(KEEP.minusMinutes(1));
        assertThat(now(upload).offset()).isEqualTo(5);
        sweeper.sweep();
        assertThat(stored()).hasSize(1);

        passes(Duration.ofMinutes(2));

        refused(Code.EXPIRED, () -> now(upload));
        sweeper.sweep();
        refused(Code.EXPIRED, () -> now(upload));
        assertThat(stored()).isEmpty();
        passes(Duration.ofDays(8));
        sweeper.sweep();
        refused(Code.NOT_FOUND, () -> now(upload));
    }

    @Test
    void one_that_expires_while_bytes_are_on_their_way_does_not_get_them() throws IOException {
        UploadState upload = create(10);
        UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.empty());
        append.write(new byte[5], 0, 5);
        passes(KEEP.plusMinutes(1));
        sweeper.sweep();

        refused(Code.EXPIRED, append::finish);

        append.close();
        sweeper.sweep();
        assertThat(stored()).isEmpty();
    }

    @Test
    void a_removed_upload_is_gone_with_its_bytes_and_with_those_on_their_way() throws IOException {
        UploadState upload = create(10);
        append(upload, 0, new byte[5], 0, 5);
        UploadAppend late = uploads.append(House.OWNER, upload.id(), 5, Optional.empty());
        late.write(new byte[5], 0, 5);

        uploads.remove(House.OWNER, upload.id());
        passes(Sweeper.ON_ITS_WAY.plusMinutes(1));
        sweeper.sweep();

        refused(Code.NOT_FOUND, late::finish);
        late.close();
        sweeper.sweep();
        assertThat(stored()).isEmpty();
    }

    @Test
    void a_job_s_input_outlives_its_upload() throws IOException {
        UploadState upload = create(6);
        append(upload, 0, "a song".getBytes(StandardCharsets.UTF_8), 0, 6);
        Job job = house.jobs.submit(with(upload));

        uploads.remove(House.OWNER, upload.id());
        sweeper.sweep();

        house.worker(1);
        assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.SUCCEEDED);
    }

    @Test
    void what_a_dead_node_was_writing_is_swept_after_a_while_and_finished_pieces_stay() throws IOException {
        UploadState upload = create(10);
        append(upload, 0, new byte[5], 0, 5);
        abandonPiece(upload);

        sweeper.sweep();
        assertThat(stored()).hasSize(2);
        passes(Sweeper.ON_ITS_WAY.plusMinutes(1));
        sweeper.sweep();

        assertThat(stored()).hasSize(1);
        assertThat(now(upload).offset()).isEqualTo(5);
    }

    @Test
    void bytes_that_were_given_up_as_a_dead_node_s_are_not_taken_for_the_upload_s() {
        UploadState upload = create(10);
        UploadAppend slow = uploads.append(House.OWNER, upload.id(), 0, Optional.empty());
        slow.write(new byte[5], 0, 5);
        passes(Sweeper.ON_ITS_WAY.plusMinutes(1));
        sweeper.sweep();

        refused(Code.CONFLICT, slow::finish);
        slow.close();

        assertThat(now(upload).offset()).isZero();
    }

    @Test
    void a_job_is_refused_an_upload_that_is_not_complete_and_told_how_much_is_missing() {
        UploadState upload = create(10);
        append(upload, 0, new byte[4], 0, 4);

        assertThatThrownBy(() -> house.jobs.submit(with(upload))).isInstanceOfSatisfying(FlowError.class, error -> {
            assertThat(error.code()).isEqualTo(Code.CONFLICT);
            assertThat(error.message()).contains("6 of 10 bytes are missing");
        });
    }

    @Test
    void a_submission_that_is_refused_leaves_no_copy() throws IOException {
        UploadState upload = create(6);
        append(upload, 0, "a song".getBytes(StandardCharsets.UTF_8), 0, 6);
        house.local.stands(Status.unavailable("out of order"));

        refused(Code.UNAVAILABLE, () -> house.jobs.submit(with(upload)));

        assertThat(scratch()).isEmpty();
        assertThat(house.blobs.list("jobs/", "", 10)).isEmpty();
    }

    @Test
    void a_job_is_refused_an_upload_that_is_not_its_owner_s() {
        UploadState upload = uploads.create("somebody else", 0, "");

        refused(Code.NOT_FOUND, () -> house.jobs.submit(with(upload)));
    }

    @Test
    void an_upload_over_the_limit_or_over_the_room_that_is_left_is_refused() {
        refused(Code.TOO_LARGE, () -> create(MOST + 1));
        uploads = new Uploads(house.database, house.blobs, new UploadsConfig(100, KEEP, 150), new SecureRandom());
        UploadState first = create(100);
        UploadState second = create(100);
        append(first, 0, new byte[100], 0, 100);

        refused(Code.STORE_FULL, () -> create(100));
        refused(Code.STORE_FULL, () -> append(second, 0, new byte[100], 0, 100));
        assertThat(now(second).offset()).isZero();
    }
}
