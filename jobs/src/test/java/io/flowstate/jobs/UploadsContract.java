package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What uploads promise while they come, on either database. */
abstract class UploadsContract extends UploadsFixture {
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
}
