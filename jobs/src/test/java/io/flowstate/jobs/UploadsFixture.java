package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Uploads in a house, and short words for what tests do with them. */
abstract class UploadsFixture {
    static final Duration KEEP = Duration.ofHours(24);
    static final long MOST = 64 << 20;

    @TempDir
    Path folder;

    House house;
    Uploads uploads;
    Sweeper sweeper;

    abstract Database database(Path folder);

    /** A folder, unless it is to be another store. */
    BlobStore blobs(Path folder) throws IOException {
        return new DiskBlobs(folder.resolve("blobs"));
    }

    /** Makes all uploads and blobs older by so much. */
    abstract void passes(Duration time);

    @BeforeEach
    void open() throws IOException {
        house = new House(database(folder), folder, blobs(folder));
        uploads = new Uploads(house.database, house.blobs, new UploadsConfig(MOST, KEEP, 2 * MOST), new SecureRandom());
        sweeper = sweeper();
    }

    Sweeper sweeper() {
        return new Sweeper(house.database, house.blobs, Duration.ofDays(30));
    }

    @AfterEach
    void close() {
        house.close();
    }

    UploadState create(long length) {
        return uploads.create(House.OWNER, length, "filename c29uZy53YXY=");
    }

    UploadState now(UploadState upload) {
        return uploads.find(House.OWNER, upload.id());
    }

    void append(UploadState upload, long at, byte[] bytes, int from, int length) {
        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), at, Optional.empty())) {
            append.write(bytes, from, length);
            append.finish();
        }
    }

    /** Sends parts of all sizes until the upload is complete, whoever moves it on. */
    void sendAll(UploadState upload, byte[] song, Random random) {
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

    byte[] content(UploadState upload) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (UploadTable.Piece piece : house.database.read(sql -> UploadTable.pieces(sql, upload.id()))) {
            try (InputStream from = house.blobs.read(piece.blob(), 0, piece.bytes())) {
                from.transferTo(all);
            }
        }
        return all.toByteArray();
    }

    void send(UploadState upload, Checksum checksum, byte[] bytes) {
        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.of(checksum))) {
            append.write(bytes, 0, bytes.length);
            append.finish();
        }
    }

    /** As a node leaves it that was killed after the store had the bytes and before the database knew. */
    void abandonPiece(UploadState upload) throws IOException {
        String key = "uploads/%s/piece_lost".formatted(upload.id());
        house.database.change(tx -> BlobTable.enterForUpload(
                tx, key, upload.id(), 5, house.database.clock().instant()));
        try (BlobStore.Writer writer = house.blobs.create(key)) {
            writer.write(new byte[5]);
            writer.commit();
        }
    }

    Submission with(UploadState upload) {
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

    List<BlobStore.Entry> stored() throws IOException {
        return house.blobs.list("uploads/", "", 100);
    }

    List<Path> scratch() throws IOException {
        try (Stream<Path> files = Files.list(house.scratch.folder())) {
            return files.toList();
        }
    }

    static void refused(Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(code));
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
