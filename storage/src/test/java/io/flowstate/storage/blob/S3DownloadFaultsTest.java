package io.flowstate.storage.blob;

import static io.flowstate.storage.blob.FaultyStore.THREE_PARTS;
import static io.flowstate.storage.blob.FaultyStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.testkit.FaultyWire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that come late, in part, or not as asked for: all bytes and the right ones, or a failure. */
final class S3DownloadFaultsTest {
    /** Longer than the slowest machine needs for a right answer. */
    private static final Duration IMPATIENT = Duration.ofSeconds(2);

    @TempDir
    Path temp;

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
    @ValueSource(longs = {0, 1, 10_000, THREE_PARTS - 1})
    void a_download_that_is_cut_goes_on_where_it_was_cut(long after) throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        store.putDirectly(bytes);

        store.wire.plan(1, "GET", FaultyWire.cutAnswer(after));
        assertThat(store.read(0, Long.MAX_VALUE)).isEqualTo(bytes);
        assertThat(store.wire.seen("GET")).isEqualTo(2);

        store.wire.plan(2, "GET", FaultyWire.cutAnswer(after));
        assertThat(store.read(7, bytes.length - 10)).isEqualTo(Arrays.copyOfRange(bytes, 7, bytes.length - 3));

        store.wire.plan(2, "GET", FaultyWire.cutAnswer(after));
        assertThat(store.blobs.file("a", temp)).hasBinaryContent(bytes);
    }

    @Test
    void a_download_that_is_cut_again_and_again_fails_and_never_just_ends() throws IOException {
        store.putDirectly(bytes(100_000));
        store.wire.plan(1000, "GET", FaultyWire.cutAnswer(10));

        assertThatIOException()
                .isThrownBy(() -> store.read(0, Long.MAX_VALUE))
                .withMessageContaining("the answer broke off after 50 of 100000 bytes");
        assertThat(store.wire.seen("GET")).isEqualTo(5);
        assertThatIOException().isThrownBy(() -> store.blobs.file("a", temp));
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void a_download_that_stalls_is_broken_off_and_goes_on() throws IOException {
        byte[] bytes = bytes(300_000);
        store.putDirectly(bytes);
        store.wire.plan(2, "GET", FaultyWire.stalledAnswer(100_000));

        try (S3Blobs impatient = store.behind(IMPATIENT)) {
            assertThat(FaultyStore.read(impatient, 0, Long.MAX_VALUE)).isEqualTo(bytes);
        }
        assertThat(store.wire.unmet()).isZero();
    }

    @Test
    void a_blob_that_is_replaced_while_a_cut_download_goes_on_is_no_mixture() throws IOException {
        store.putDirectly(bytes(300_000));
        store.wire.plan(1, "GET", FaultyWire.cutAnswer(1000));

        try (InputStream in = store.blobs.read("a", 0, Long.MAX_VALUE)) {
            in.readNBytes(10);
            store.putDirectly(new byte[300_000]);

            assertThatIOException()
                    .isThrownBy(in::readAllBytes)
                    .withMessageContaining("was replaced or deleted while it was read");
        }
    }

    @Test
    void a_store_that_answers_late_is_asked_again() throws IOException {
        store.putDirectly(bytes(10));
        store.wire.plan(2, "GET", FaultyWire.silence());

        try (S3Blobs impatient = store.behind(IMPATIENT)) {
            assertThat(FaultyStore.read(impatient, 0, Long.MAX_VALUE)).isEqualTo(bytes(10));
        }
    }

    @Test
    void a_range_that_the_store_ignores_is_noticed() throws IOException {
        store.putDirectly(bytes(1000));
        store.wire.plan(1, "GET", FaultyWire.error(200, "NotARange"));

        assertThatThrownBy(() -> store.read(10, 5))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Content-Range");
    }

    @Test
    void an_answer_that_is_shorter_than_its_range_is_noticed() throws IOException {
        byte[] bytes = bytes(1000);
        store.putDirectly(bytes);

        store.wire.plan(2, "GET", FaultyWire.shortAnswer(100));
        assertThat(store.read(10, 900)).isEqualTo(Arrays.copyOfRange(bytes, 10, 910));

        store.wire.plan(100, "GET", FaultyWire.shortAnswer(0));
        assertThatIOException().isThrownBy(() -> store.read(10, 900)).withMessageContaining("900 bytes early");
    }
}
