package io.flowstate.storage.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.flowstate.core.Secret;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.testkit.BlobStoreContract;
import io.flowstate.testkit.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class S3BlobsTest extends BlobStoreContract {
    private S3Server server;
    private S3Blobs blobs;

    @BeforeEach
    void start() throws Exception {
        server = new S3Server();
        blobs = new S3Blobs(TestBucket.config(server));
    }

    @AfterEach
    void stop() throws Exception {
        blobs.close();
        server.close();
    }

    @Override
    protected BlobStore store() {
        return blobs;
    }

    @Test
    void ranges_are_right_across_the_borders_of_parts() throws IOException {
        byte[] bytes = bytes(MANY_BYTES, 1);
        put("a", bytes);

        for (int border = S3Writer.PART_BYTES; border < bytes.length; border += S3Writer.PART_BYTES) {
            assertThat(read("a", border - 5, 10)).isEqualTo(Arrays.copyOfRange(bytes, border - 5, border + 5));
            assertThat(read("a", border, 1)).isEqualTo(Arrays.copyOfRange(bytes, border, border + 1));
        }
        assertThat(read("a", 5, bytes.length - 10)).isEqualTo(Arrays.copyOfRange(bytes, 5, bytes.length - 5));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {S3Writer.PART_BYTES - 1, S3Writer.PART_BYTES, S3Writer.PART_BYTES + 1, 2 * S3Writer.PART_BYTES})
    void a_blob_may_end_at_the_border_of_a_part(int length) throws IOException {
        put("a", bytes(length, 2));

        assertThat(read("a", 0, Long.MAX_VALUE)).isEqualTo(bytes(length, 2));
    }

    @Test
    void a_prefix_keeps_two_stores_of_one_bucket_apart() throws IOException {
        put("ours/a", bytes(5, 3));
        put("ours-not/b", bytes(5, 4));
        try (S3Blobs prefixed = new S3Blobs(TestBucket.config(server.port(), "ours/", Duration.ofSeconds(30)))) {
            assertThat(prefixed.list("", "", 10))
                    .extracting(BlobStore.Entry::key)
                    .containsExactly("a");
            assertThat(prefixed.list("a", "0", 10))
                    .extracting(BlobStore.Entry::key)
                    .containsExactly("a");
            assertThat(prefixed.size("a")).hasValue(5);
            prefixed.delete("a");
            assertThat(keys("", "", 10)).containsExactly("ours-not/b");

            try (BlobStore.Writer unfinished = store().create("theirs")) {
                unfinished.write(bytes(MANY_BYTES, 5));
                assertThat(prefixed.sweepUnfinished(List.of(""), Instant.now().plusSeconds(60)))
                        .isZero();
                unfinished.commit();
            }
        }
    }

    @Test
    void an_unfinished_upload_of_somebody_else_in_the_bucket_is_not_swept() throws IOException {
        try (BlobStore.Writer theirs = store().create("backups/monday");
                BlobStore.Writer ours = store().create("jobs/1/a")) {
            theirs.write(bytes(MANY_BYTES, 7));
            ours.write(bytes(MANY_BYTES, 8));

            assertThat(store().sweepUnfinished(
                                    List.of("jobs/", "uploads/"), Instant.now().plusSeconds(60)))
                    .isOne();

            theirs.commit();
            assertThatIOException().isThrownBy(ours::commit);
        }
        assertThat(keys("", "", 10)).containsExactly("backups/monday");
    }

    @Test
    void a_file_is_a_copy_that_the_caller_may_remove() throws IOException {
        put("a", bytes(100_000, 6));

        Path copy = store().file("a", temp);

        assertThat(copy).hasParent(temp);
        Files.delete(copy);
        assertThat(store().size("a")).hasValue(100_000);
    }

    @Test
    void more_than_a_page_of_the_store_is_listed() throws IOException {
        for (int each = 0; each < 1005; each++) {
            put("n/%04d".formatted(each), new byte[0]);
        }

        assertThat(keys("n/", "", 2000)).hasSize(1005).endsWith("n/1004");
        assertThat(keys("n/", "", 1003)).hasSize(1003).endsWith("n/1002");
    }

    @Test
    void a_bucket_that_is_not_there_is_told_at_once_and_is_not_an_empty_one() throws IOException {
        assertThatNoException().isThrownBy(blobs::requireReachable);
        try (S3Blobs lost = new S3Blobs(with("no-such-bucket", TestBucket.CREDENTIALS))) {
            assertThatIOException().isThrownBy(lost::requireReachable).withMessageContaining("404 NoSuchBucket");
            assertThatIOException()
                    .isThrownBy(() -> lost.read("a", 0, 1))
                    .isNotInstanceOf(java.nio.file.NoSuchFileException.class);
            assertThatIOException().isThrownBy(() -> lost.list("", "", 1));
            try (BlobStore.Writer writer = lost.create("a")) {
                writer.write(1);
                assertThatIOException().isThrownBy(writer::commit).withMessageContaining("NoSuchBucket");
            }
        }
    }

    @Test
    void wrong_credentials_are_told_and_not_shown() {
        S3Config wrong =
                with(S3Server.BUCKET, new S3Config.Credentials("tester", new Secret("not-the-one-that-counts")));

        assertThat(wrong.toString()).doesNotContain("not-the-one");
        try (S3Blobs refused = new S3Blobs(wrong)) {
            assertThatIOException()
                    .isThrownBy(() -> refused.read("a", 0, 1))
                    .withMessageContaining("403 SignatureDoesNotMatch")
                    .withMessageNotContaining("not-the-one");
        }
    }

    @Test
    void a_store_that_does_not_answer_at_all_is_an_io_exception() throws Exception {
        server.close();

        assertThatIOException()
                .isThrownBy(() -> read("a", 0, 1))
                .withMessageContaining("s3://flowstate-test/a: cannot read: ");
    }

    private S3Config with(String bucket, S3Config.Credentials credentials) {
        S3Config base = TestBucket.config(server);
        return new S3Config(
                base.endpoint(),
                base.region(),
                bucket,
                base.prefix(),
                base.pathStyle(),
                Optional.of(credentials),
                base.attemptTimeout(),
                base.attempts());
    }
}
