package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Status;
import io.flowstate.storage.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What uploads promise, on either database. */
abstract class UploadsContract {
    private static final Duration KEEP = Duration.ofHours(24);
    private static final long MOST = 64 << 20;

    @TempDir
    Path folder;

    House house;
    Uploads uploads;
    private Sweeper sweeper;

    abstract Database database(Path folder);

    /** Makes all uploads and blobs older by so much. */
    abstract void passes(Duration time);

    @BeforeEach
    void open() throws IOException {
        house = new House(database(folder), folder);
        uploads = new Uploads(house.database, house.blobs, new UploadsConfig(MOST, KEEP, 2 * MOST), new SecureRandom());
        sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));
    }

    @AfterEach
    void close() {
        house.close();
    }

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
    void no_piece_is_larger_than_its_limit_and_each_counts_as_soon_as_it_is_whole() {
        byte[] song = bytes(2 * UploadAppend.PIECE_BYTES + 1);
        UploadState upload = create(song.length);

        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.empty())) {
            append.write(song, 0, song.length);
            assertThat(now(upload).offset()).isEqualTo(2L * UploadAppend.PIECE_BYTES);
            append.finish();
        }

        List<UploadTable.Piece> pieces = house.database.read(sql -> UploadTable.pieces(sql, upload.id()));
        assertThat(pieces)
                .extracting(UploadTable.Piece::bytes)
                .containsExactly((long) UploadAppend.PIECE_BYTES, (long) UploadAppend.PIECE_BYTES, 1L);
    }

    @Test
    void what_came_before_the_connection_broke_counts() {
        UploadState upload = create(100);

        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.empty())) {
            append.write(new byte[42], 0, 42);
        }

        assertThat(now(upload).offset()).isEqualTo(42);
    }

    @Test
    void an_upload_of_nothing_is_complete_at_once() {
        assertThat(create(0).isComplete()).isTrue();
    }

    @Test
    void of_two_that_write_at_one_place_one_gets_on_and_nothing_of_the_other_stays() throws IOException {
        UploadState upload = create(10);
        UploadAppend first = uploads.append(House.OWNER, upload.id(), 0, Optional.empty());
        UploadAppend second = uploads.append(House.OWNER, upload.id(), 0, Optional.empty());
        first.write("one".getBytes(StandardCharsets.UTF_8), 0, 3);
        second.write("other".getBytes(StandardCharsets.UTF_8), 0, 5);

        second.finish();
        refused(Code.CONFLICT, first::finish);
        first.close();
        second.close();

        assertThat(now(upload).offset()).isEqualTo(5);
        sweeper.sweep();
        assertThat(stored()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void many_senders_at_once_make_one_file_and_leave_nothing_else(long seed) throws IOException {
        byte[] song = bytes(500_000);
        UploadState upload = create(song.length);

        IntStream.range(0, 6).parallel().forEach(sender -> sendAll(upload, song, new Random(seed * 100 + sender)));

        assertThat(content(upload)).as("seed %d", seed).isEqualTo(song);
        sweeper.sweep();
        List<UploadTable.Piece> pieces = house.database.read(sql -> UploadTable.pieces(sql, upload.id()));
        assertThat(stored()).as("seed %d", seed).hasSameSizeAs(pieces);
    }

    @Test
    void a_request_at_another_place_is_refused_and_told_where_the_upload_is() {
        UploadState upload = create(10);
        append(upload, 0, new byte[4], 0, 4);

        assertThatThrownBy(() -> uploads.append(House.OWNER, upload.id(), 0, Optional.empty()))
                .isInstanceOfSatisfying(FlowError.class, error -> {
                    assertThat(error.code()).isEqualTo(Code.CONFLICT);
                    assertThat(error.message()).contains("byte 4 of 10");
                });
    }

    @Test
    void more_than_was_announced_is_refused() {
        UploadState upload = create(3);

        refused(Code.TOO_LARGE, () -> append(upload, 0, new byte[4], 0, 4));
    }

    @Test
    void bytes_with_a_wrong_checksum_do_not_count_and_those_with_the_right_one_do() throws Exception {
        byte[] song = bytes(UploadAppend.PIECE_BYTES + 10);
        UploadState upload = create(song.length);
        Checksum right = new Checksum(Checksum.Algorithm.SHA256, sha256(song));

        refused(Code.CHECKSUM_MISMATCH, () -> send(upload, right, new byte[song.length]));
        assertThat(now(upload).offset()).isZero();
        sweeper.sweep();
        assertThat(stored()).isEmpty();

        send(upload, right, song);
        assertThat(now(upload).isComplete()).isTrue();
    }

    @Test
    void what_a_broken_connection_brought_does_not_count_when_its_checksum_is_still_open() throws IOException {
        UploadState upload = create(10);

        try (UploadAppend append = uploads.append(
                House.OWNER, upload.id(), 0, Optional.of(new Checksum(Checksum.Algorithm.SHA1, "0".repeat(40))))) {
            append.write(new byte[5], 0, 5);
        }

        assertThat(now(upload).offset()).isZero();
        sweeper.sweep();
        assertThat(stored()).isEmpty();
    }

    @Test
    void uploads_of_another_owner_are_not_there() {
        UploadState upload = create(10);

        refused(Code.NOT_FOUND, () -> uploads.find("somebody else", upload.id()));
        refused(Code.NOT_FOUND, () -> uploads.append("somebody else", upload.id(), 0, Optional.empty()));
        refused(Code.NOT_FOUND, () -> uploads.remove("somebody else", upload.id()));
        refused(Code.NOT_FOUND, () -> uploads.find(House.OWNER, "upl_0"));
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

    UploadState create(long length) {
        return uploads.create(House.OWNER, length, "filename c29uZy53YXY=");
    }

    UploadState now(UploadState upload) {
        return uploads.find(House.OWNER, upload.id());
    }

    private void append(UploadState upload, long at, byte[] bytes, int from, int length) {
        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), at, Optional.empty())) {
            append.write(bytes, from, length);
            append.finish();
        }
    }

    /** Sends parts of all sizes until the upload is complete, whoever moves it on. */
    private void sendAll(UploadState upload, byte[] song, Random random) {
        while (true) {
            int at = (int) now(upload).offset();
            if (at == song.length) {
                return;
            }
            try (UploadAppend append = uploads.append(House.OWNER, upload.id(), at, Optional.empty())) {
                append.write(song, at, Math.min(1 + random.nextInt(50_000), song.length - at));
                if (random.nextBoolean()) {
                    append.finish();
                }
            } catch (FlowError overtaken) {
                assertThat(overtaken.code()).isEqualTo(Code.CONFLICT);
            }
        }
    }

    private byte[] content(UploadState upload) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (UploadTable.Piece piece : house.database.read(sql -> UploadTable.pieces(sql, upload.id()))) {
            try (InputStream from = house.blobs.read(piece.blob(), 0, piece.bytes())) {
                from.transferTo(all);
            }
        }
        return all.toByteArray();
    }

    private void send(UploadState upload, Checksum checksum, byte[] bytes) {
        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.of(checksum))) {
            append.write(bytes, 0, bytes.length);
            append.finish();
        }
    }

    /** As a node leaves it that was killed after the store had the bytes and before the database knew. */
    private void abandonPiece(UploadState upload) throws IOException {
        String key = "uploads/%s/piece_lost".formatted(upload.id());
        house.database.change(tx -> BlobTable.enterForUpload(
                tx, key, upload.id(), 5, house.database.clock().instant()));
        try (BlobStore.Writer writer = house.blobs.create(key)) {
            writer.write(new byte[5]);
            writer.commit();
        }
    }

    private Submission with(UploadState upload) {
        return new Submission(
                House.OWNER,
                StemsRequest.of(new AudioInput("song.wav", folder)),
                Policy.DEFAULT,
                new Submission.Uploaded("song.wav", upload.id()),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private List<BlobStore.Entry> stored() throws IOException {
        return house.blobs.list("uploads/", "", 100);
    }

    private List<Path> scratch() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("scratch"))) {
            return files.toList();
        }
    }

    private static void refused(Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(code));
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
