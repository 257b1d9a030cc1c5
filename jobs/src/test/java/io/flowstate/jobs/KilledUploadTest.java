package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process has said is kept is there after it was killed, and it leaves nothing that a sweep does not find. */
final class KilledUploadTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void bytes_that_were_acknowledged_outlive_a_kill(long seed) throws Exception {
        String upload = create();

        long told = killAfter(1 + new SplittableRandom(seed).nextInt(60), DoomedUploader.start(folder, upload));

        try (Database database = DoomedUploader.database(folder)) {
            BlobStore blobs = DoomedUploader.blobs(folder);
            long kept = new Uploads(database, blobs, DoomedUploader.CONFIG, new SecureRandom())
                    .find("", upload)
                    .offset();
            assertThat(kept).as("seed %d", seed).isGreaterThanOrEqualTo(told);
            checkContent(database, blobs, upload, kept);
            new Sweeper(database, blobs, Duration.ofDays(30)).sweep(Duration.ofDays(-1));
            checkContent(database, blobs, upload, kept);
            assertThat(blobs.list("", "", 10_000))
                    .as("seed %d", seed)
                    .hasSameSizeAs(database.read(sql -> UploadTable.pieces(sql, upload)));
        }
    }

    private String create() {
        try (Database database = DoomedUploader.database(folder)) {
            return new Uploads(database, DoomedUploader.blobs(folder), DoomedUploader.CONFIG, new SecureRandom())
                    .create("", 1L << 39, "")
                    .id();
        }
    }

    /** What it said last. */
    private static long killAfter(int words, DoomedUploader process) throws IOException, InterruptedException {
        try {
            long told = 0;
            for (int each = 0; each < words; each++) {
                told = process.next();
            }
            return told;
        } finally {
            process.kill();
        }
    }

    private static void checkContent(Database database, BlobStore blobs, String upload, long length)
            throws IOException {
        long position = 0;
        for (UploadTable.Piece piece : database.read(sql -> UploadTable.pieces(sql, upload))) {
            assertThat(piece.position()).isEqualTo(position);
            try (InputStream from = blobs.read(piece.blob(), 0, Long.MAX_VALUE)) {
                assertThat(from.readAllBytes()).isEqualTo(DoomedUploader.bytes(position, (int) piece.bytes()));
            }
            position += piece.bytes();
        }
        assertThat(position).isEqualTo(length);
    }
}
