package io.flowstate.storage.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.DiskFull;
import io.flowstate.core.spi.BlobStore.Writer;
import io.flowstate.storage.blob.FaultyWire.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that fails, is slow, or is cut off: each ends in a clear failure, or in the right bytes after a bounded number of tries. */
final class S3FaultsTest {
    private static final Instant LATER = Instant.parse("9999-01-01T00:00:00Z");
    private static final int THREE_PARTS = 2 * S3Writer.PART_BYTES + 1000;
    /** As configured in {@link S3Server}. */
    private static final int ATTEMPTS = 3;

    @TempDir
    Path temp;

    private S3Server server;
    private FaultyWire wire;
    /** Behind the faults. */
    private S3Blobs blobs;
    /** Past them. */
    private S3Blobs direct;

    @BeforeEach
    void start() throws Exception {
        server = new S3Server();
        wire = new FaultyWire(server.port());
        blobs = new S3Blobs(S3Server.config(wire.port(), "", Duration.ofSeconds(30)));
        direct = new S3Blobs(server.config());
    }

    @AfterEach
    void stop() throws Exception {
        blobs.close();
        direct.close();
        wire.close();
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void a_store_that_fails_for_a_moment_is_asked_again(int status) throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        Fault error = FaultyWire.error(status, "InternalError");
        wire.plan(1, "POST /flowstate-test/a?uploads", error);
        wire.plan(2, "PUT /flowstate-test/a?partNumber=2", error);
        wire.plan(2, "POST /flowstate-test/a?uploadId", error);
        wire.plan(2, "GET /flowstate-test/a", error);
        wire.plan(2, "HEAD /flowstate-test/a", error);
        wire.plan(2, "GET /flowstate-test?list-type", error);
        wire.plan(2, "DELETE /flowstate-test/a", error);

        put(bytes);

        assertThat(read(0, Long.MAX_VALUE)).isEqualTo(bytes);
        assertThat(blobs.size("a")).hasValue(bytes.length);
        assertThat(blobs.list("", "", 10)).hasSize(1);
        blobs.delete("a");
        assertThat(direct.list("", "", 10)).isEmpty();
        assertThat(wire.unmet()).isZero();
    }

    @Test
    void a_store_that_keeps_failing_is_given_up_after_so_many_tries() throws IOException {
        direct(bytes(10));
        wire.plan(100, "/flowstate-test", FaultyWire.error(500, "InternalError"));

        assertThatIOException()
                .isThrownBy(() -> read(0, Long.MAX_VALUE))
                .withMessageStartingWith("s3://flowstate-test/a: cannot read: 500 InternalError, as planned");
        assertThat(wire.seen("GET")).isEqualTo(ATTEMPTS);
        assertThatIOException().isThrownBy(() -> blobs.size("a"));
        assertThatIOException().isThrownBy(() -> blobs.list("", "", 1));
        assertThatIOException().isThrownBy(() -> blobs.delete("a"));
        assertThatIOException().isThrownBy(() -> blobs.file("a", temp));
        assertThatIOException().isThrownBy(() -> blobs.sweepUnfinished(LATER));
        assertThatIOException().isThrownBy(() -> put(bytes(10)));
        assertThatIOException().isThrownBy(() -> put(bytes(THREE_PARTS)));

        assertThat(temp).isEmptyDirectory();
        assertThat(direct.size("a")).hasValue(10);
        assertThat(direct.sweepUnfinished(LATER)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"507,XMinioStorageFull", "403,QuotaExceeded"})
    void a_store_that_is_full_is_told_as_such(int status, String code) {
        wire.plan(100, "PUT", FaultyWire.error(status, code));

        assertThatIOException().isThrownBy(() -> put(bytes(10))).matches(DiskFull::isReasonOf);
        assertThatIOException().isThrownBy(() -> put(bytes(THREE_PARTS))).matches(DiskFull::isReasonOf);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 10_000, THREE_PARTS - 1})
    void a_download_that_is_cut_goes_on_where_it_was_cut(long after) throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        direct(bytes);

        wire.plan(1, "GET", FaultyWire.cutAnswer(after));
        assertThat(read(0, Long.MAX_VALUE)).isEqualTo(bytes);
        assertThat(wire.seen("GET")).isEqualTo(2);

        wire.plan(2, "GET", FaultyWire.cutAnswer(after));
        assertThat(read(7, bytes.length - 10)).isEqualTo(Arrays.copyOfRange(bytes, 7, bytes.length - 3));

        wire.plan(2, "GET", FaultyWire.cutAnswer(after));
        assertThat(blobs.file("a", temp)).hasBinaryContent(bytes);
    }

    @Test
    void a_download_that_is_cut_again_and_again_fails_and_never_just_ends() throws IOException {
        direct(bytes(100_000));
        wire.plan(1000, "GET", FaultyWire.cutAnswer(10));

        assertThatIOException()
                .isThrownBy(() -> read(0, Long.MAX_VALUE))
                .withMessageContaining("the answer broke off after 50 of 100000 bytes");
        assertThat(wire.seen("GET")).isEqualTo(5);
        assertThatIOException().isThrownBy(() -> blobs.file("a", temp));
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void a_download_that_stalls_is_broken_off_and_goes_on() throws IOException {
        byte[] bytes = bytes(300_000);
        direct(bytes);
        wire.plan(2, "GET", FaultyWire.stalledAnswer(100_000));

        try (S3Blobs impatient = impatient();
                InputStream in = impatient.read("a", 0, Long.MAX_VALUE)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
        assertThat(wire.unmet()).isZero();
    }

    @Test
    void a_blob_that_is_replaced_while_a_cut_download_goes_on_is_no_mixture() throws IOException {
        direct(bytes(300_000));
        wire.plan(1, "GET", FaultyWire.cutAnswer(1000));

        try (InputStream in = blobs.read("a", 0, Long.MAX_VALUE)) {
            in.readNBytes(10);
            direct(new byte[300_000]);

            assertThatIOException()
                    .isThrownBy(in::readAllBytes)
                    .withMessageContaining("was replaced or deleted while it was read");
        }
    }

    @Test
    void a_store_that_never_answers_is_given_up() throws IOException {
        wire.plan(1000, "/flowstate-test", FaultyWire.silence());

        try (S3Blobs impatient = impatient()) {
            assertThatIOException()
                    .isThrownBy(() -> impatient.read("a", 0, 1))
                    .withMessageContaining("s3://flowstate-test/a: cannot read: ");
            assertThat(wire.seen("GET")).isEqualTo(ATTEMPTS);
            try (Writer writer = impatient.create("a")) {
                writer.write(1);
                assertThatIOException().isThrownBy(writer::commit);
            }
        }
        assertThat(direct.size("a")).isEmpty();
    }

    @Test
    void a_store_that_answers_late_is_asked_again() throws IOException {
        direct(bytes(10));
        wire.plan(2, "GET", FaultyWire.silence());

        try (S3Blobs impatient = impatient();
                InputStream in = impatient.read("a", 0, Long.MAX_VALUE)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes(10));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1000, S3Writer.PART_BYTES - 1})
    void an_upload_that_is_cut_is_sent_again(long after) throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        wire.plan(1, "partNumber=1", FaultyWire.cutRequest(after));
        wire.plan(2, "partNumber=2", FaultyWire.cutRequest(after));
        put(bytes);
        assertThat(direct()).isEqualTo(bytes);

        wire.plan(2, "PUT", FaultyWire.cutRequest(after));
        put(bytes(S3Writer.PART_BYTES));
        assertThat(direct()).isEqualTo(bytes(S3Writer.PART_BYTES));
        assertThat(wire.unmet()).isZero();
    }

    @Test
    void an_answer_that_is_lost_does_no_harm() throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        wire.plan(1, "?uploads", FaultyWire.lostAnswer());
        for (int part = 1; part <= 3; part++) {
            wire.plan(1, "partNumber=" + part, FaultyWire.lostAnswer());
        }
        wire.plan(1, "POST /flowstate-test/a?uploadId", FaultyWire.lostAnswer());

        put(bytes);

        assertThat(direct()).isEqualTo(bytes);
        assertThat(wire.unmet()).isZero();
        // The upload whose beginning was not answered is nobody's.
        assertThat(direct.sweepUnfinished(LATER)).isOne();
        assertThat(direct()).isEqualTo(bytes);
    }

    @Test
    void a_completion_that_was_swept_is_not_taken_for_one_that_was_done() throws IOException {
        direct(bytes(THREE_PARTS));
        byte[] fresh = new byte[THREE_PARTS];

        try (Writer writer = blobs.create("a")) {
            writer.write(fresh);
            direct.sweepUnfinished(LATER);

            assertThatIOException().isThrownBy(writer::commit).withMessageContaining("NoSuchUpload");
        }
        assertThat(direct()).isEqualTo(bytes(THREE_PARTS));
    }

    @Test
    void an_error_that_comes_as_a_success_is_an_error() throws IOException {
        wire.plan(100, "POST /flowstate-test/a?uploadId", FaultyWire.error(200, "InternalError"));

        assertThatIOException().isThrownBy(() -> put(bytes(THREE_PARTS))).withMessageContaining("InternalError");

        assertThat(direct.size("a")).isEmpty();
        assertThat(direct.sweepUnfinished(LATER)).isZero();
    }

    @Test
    void what_could_not_be_aborted_is_left_to_the_sweep() throws IOException {
        wire.plan(ATTEMPTS, "DELETE", FaultyWire.error(503, "SlowDown"));

        try (Writer writer = blobs.create("a")) {
            writer.write(bytes(THREE_PARTS));
        }

        assertThat(direct.size("a")).isEmpty();
        assertThat(blobs.sweepUnfinished(LATER)).isOne();
    }

    @Test
    void a_writer_whose_part_was_lost_cannot_commit_even_if_nobody_looked() throws IOException {
        wire.plan(ATTEMPTS, "partNumber=1", FaultyWire.error(500, "InternalError"));

        try (Writer writer = blobs.create("a")) {
            assertThatIOException().isThrownBy(() -> writer.write(bytes(THREE_PARTS)));

            assertThatIOException().isThrownBy(() -> writer.write(1));
            assertThatIOException()
                    .isThrownBy(writer::commit)
                    .withMessageContaining("a part of the blob could not be written");
        }
        assertThat(direct.size("a")).isEmpty();
        assertThat(direct.sweepUnfinished(LATER)).isZero();
    }

    @Test
    void a_range_that_the_store_ignores_is_noticed() throws IOException {
        direct(bytes(1000));
        wire.plan(1, "GET", FaultyWire.error(200, "NotARange"));

        assertThatThrownBy(() -> read(10, 5)).isInstanceOf(IOException.class).hasMessageContaining("Content-Range");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatever_happens_on_the_way_bytes_are_right_or_an_error_is_told(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        List<Fault> faults = List.of(
                FaultyWire.error(500, "InternalError"),
                FaultyWire.error(503, "SlowDown"),
                FaultyWire.cutAnswer(random.nextInt(100_000)),
                FaultyWire.lostAnswer(),
                FaultyWire.cutRequest(random.nextInt(100_000)));
        for (int each = 0; each < 12; each++) {
            String words = List.of("PUT", "POST", "GET").get(random.nextInt(3));
            wire.plan(1, words, faults.get(random.nextInt(faults.size())));
        }
        byte[] bytes = bytes(S3Writer.PART_BYTES + random.nextInt(100_000));

        boolean written = attempt(() -> put(bytes));
        boolean read = attempt(() -> assertThat(read(0, Long.MAX_VALUE)).isEqualTo(bytes));

        assertThat(direct.size("a").isPresent()).as("seed %d", seed).matches(there -> there || !written);
        assertThat(read).as("seed %d: read without being there", seed).matches(done -> !done || present());
        if (present()) {
            assertThat(direct()).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    private boolean present() {
        try {
            return direct.size("a").isPresent();
        } catch (IOException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static boolean attempt(Work work) {
        try {
            work.run();
            return true;
        } catch (IOException told) {
            return false;
        }
    }

    /** One that waits no longer for any answer than the slowest machine needs for a right one. */
    private S3Blobs impatient() {
        return new S3Blobs(S3Server.config(wire.port(), "", Duration.ofSeconds(2)));
    }

    private void put(byte[] bytes) throws IOException {
        put(blobs, bytes);
    }

    private void direct(byte[] bytes) throws IOException {
        put(direct, bytes);
    }

    private byte[] direct() throws IOException {
        try (InputStream in = direct.read("a", 0, Long.MAX_VALUE)) {
            return in.readAllBytes();
        }
    }

    private byte[] read(long from, long length) throws IOException {
        try (InputStream in = blobs.read("a", from, length)) {
            return in.readAllBytes();
        }
    }

    private static void put(S3Blobs to, byte[] bytes) throws IOException {
        try (Writer writer = to.create("a")) {
            writer.write(bytes);
            writer.commit();
        }
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }
}
