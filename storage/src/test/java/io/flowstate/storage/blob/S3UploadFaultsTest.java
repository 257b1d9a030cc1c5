package io.flowstate.storage.blob;

import static io.flowstate.storage.blob.FaultyStore.ATTEMPTS;
import static io.flowstate.storage.blob.FaultyStore.LATER;
import static io.flowstate.storage.blob.FaultyStore.THREE_PARTS;
import static io.flowstate.storage.blob.FaultyStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.flowstate.core.spi.BlobStore.Writer;
import io.flowstate.testkit.FaultyWire;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are cut, changed or repeated on their way: the whole blob or none of it, and no upload that nobody can find. */
final class S3UploadFaultsTest {
    private FaultyStore store;

    @BeforeEach
    void start() throws Exception {
        store = new FaultyStore();
    }

    @AfterEach
    void stop() throws Exception {
        store.stop();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1000, S3Writer.PART_BYTES - 1})
    void an_upload_that_is_cut_is_sent_again(long after) throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        store.wire.plan(1, "partNumber=1", FaultyWire.cutRequest(after));
        store.wire.plan(2, "partNumber=2", FaultyWire.cutRequest(after));
        store.put(bytes);
        assertThat(store.readDirectly()).isEqualTo(bytes);

        store.wire.plan(2, "PUT", FaultyWire.cutRequest(after));
        store.put(bytes(S3Writer.PART_BYTES));
        assertThat(store.readDirectly()).isEqualTo(bytes(S3Writer.PART_BYTES));
        assertThat(store.wire.unmet()).isZero();
    }

    @Test
    void an_answer_that_is_lost_does_no_harm() throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        store.wire.plan(1, "?uploads", FaultyWire.lostAnswer());
        for (int part = 1; part <= 3; part++) {
            store.wire.plan(1, "partNumber=" + part, FaultyWire.lostAnswer());
        }
        store.wire.plan(1, "POST /flowstate-test/a?uploadId", FaultyWire.lostAnswer());

        store.put(bytes);

        assertThat(store.readDirectly()).isEqualTo(bytes);
        assertThat(store.wire.unmet()).isZero();
        // The upload whose beginning was not answered is nobody's.
        assertThat(store.direct.sweepUnfinished(List.of(""), LATER)).isOne();
        assertThat(store.readDirectly()).isEqualTo(bytes);
    }

    @Test
    void a_completion_that_was_done_is_known_even_if_the_store_has_forgotten_the_upload() throws IOException {
        store.putDirectly(new byte[THREE_PARTS]);
        store.wire.plan(1, "POST /flowstate-test/a?uploadId", FaultyWire.lostAnswer());
        store.wire.plan(1, "POST /flowstate-test/a?uploadId", FaultyWire.error(404, "NoSuchUpload"));

        store.put(bytes(THREE_PARTS));

        assertThat(store.readDirectly()).isEqualTo(bytes(THREE_PARTS));
        assertThat(store.wire.unmet()).isZero();
    }

    @Test
    void a_completion_that_was_swept_is_not_taken_for_one_that_was_done() throws IOException {
        store.putDirectly(bytes(THREE_PARTS));
        byte[] fresh = new byte[THREE_PARTS];

        try (Writer writer = store.blobs.create("a")) {
            writer.write(fresh);
            store.direct.sweepUnfinished(List.of(""), LATER);

            assertThatIOException().isThrownBy(writer::commit).withMessageContaining("NoSuchUpload");
        }
        assertThat(store.readDirectly()).isEqualTo(bytes(THREE_PARTS));
    }

    @Test
    void an_error_that_comes_as_a_success_is_an_error() throws IOException {
        store.wire.plan(100, "POST /flowstate-test/a?uploadId", FaultyWire.error(200, "InternalError"));

        assertThatIOException().isThrownBy(() -> store.put(bytes(THREE_PARTS))).withMessageContaining("InternalError");

        assertThat(store.direct.size("a")).isEmpty();
        assertThat(store.direct.sweepUnfinished(List.of(""), LATER)).isZero();
    }

    @Test
    void what_could_not_be_aborted_is_left_to_the_sweep() throws IOException {
        store.wire.plan(ATTEMPTS, "DELETE", FaultyWire.error(503, "SlowDown"));

        try (Writer writer = store.blobs.create("a")) {
            writer.write(bytes(THREE_PARTS));
        }

        assertThat(store.direct.size("a")).isEmpty();
        assertThat(store.blobs.sweepUnfinished(List.of(""), LATER)).isOne();
    }

    @Test
    void a_writer_whose_part_was_lost_cannot_commit_even_if_nobody_looked() throws IOException {
        store.wire.plan(ATTEMPTS, "partNumber=1", FaultyWire.error(500, "InternalError"));

        try (Writer writer = store.blobs.create("a")) {
            assertThatIOException().isThrownBy(() -> writer.write(bytes(THREE_PARTS)));

            assertThatIOException().isThrownBy(() -> writer.write(1));
            assertThatIOException()
                    .isThrownBy(writer::commit)
                    .withMessageContaining("a part of the blob could not be written");
        }
        assertThat(store.direct.size("a")).isEmpty();
        assertThat(store.direct.sweepUnfinished(List.of(""), LATER)).isZero();
    }

    @Test
    void an_upload_that_changed_on_the_way_is_refused() throws IOException {
        store.wire.plan(ATTEMPTS, "PUT", FaultyWire.flippedBit());
        assertThatIOException().isThrownBy(() -> store.put(bytes(100_000)));
        assertThat(store.isThere()).isFalse();

        store.wire.plan(ATTEMPTS, "partNumber=2", FaultyWire.flippedBit());
        assertThatIOException().isThrownBy(() -> store.put(bytes(THREE_PARTS)));
        assertThat(store.isThere()).isFalse();
    }
}
