package io.flowstate.storage.blob;

import static io.flowstate.storage.blob.FaultyStore.ATTEMPTS;
import static io.flowstate.storage.blob.FaultyStore.LATER;
import static io.flowstate.storage.blob.FaultyStore.THREE_PARTS;
import static io.flowstate.storage.blob.FaultyStore.bytes;
import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.flowstate.core.DiskFull;
import io.flowstate.core.spi.BlobStore.Writer;
import io.flowstate.testkit.FaultyWire;
import io.flowstate.testkit.FaultyWire.Fault;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that fails, is full, or does not answer: each ends in a clear failure, or well after a bounded number of tries. */
final class S3FaultsTest {
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
    @ValueSource(ints = {500, 502, 503, 504})
    void a_store_that_fails_for_a_moment_is_asked_again(int status) throws IOException {
        byte[] bytes = bytes(THREE_PARTS);
        Fault error = FaultyWire.error(status, "InternalError");
        store.wire.plan(1, "POST /flowstate-test/a?uploads", error);
        store.wire.plan(2, "PUT /flowstate-test/a?partNumber=2", error);
        store.wire.plan(2, "POST /flowstate-test/a?uploadId", error);
        store.wire.plan(2, "GET /flowstate-test/a", error);
        store.wire.plan(2, "HEAD /flowstate-test/a", error);
        store.wire.plan(2, "GET /flowstate-test?list-type", error);
        store.wire.plan(2, "DELETE /flowstate-test/a", error);

        store.put(bytes);

        assertThat(store.read(0, Long.MAX_VALUE)).isEqualTo(bytes);
        assertThat(store.blobs.size("a")).hasValue(bytes.length);
        assertThat(store.blobs.list("", "", 10)).hasSize(1);
        store.blobs.delete("a");
        assertThat(store.direct.list("", "", 10)).isEmpty();
        assertThat(store.wire.unmet()).isZero();
    }

    @Test
    void a_store_that_keeps_failing_is_given_up_after_so_many_tries() throws IOException {
        store.putDirectly(bytes(10));
        store.wire.plan(100, "/flowstate-test", FaultyWire.error(500, "InternalError"));

        assertThatIOException()
                .isThrownBy(() -> store.read(0, Long.MAX_VALUE))
                .withMessageStartingWith("s3://flowstate-test/a: cannot read: 500 InternalError, as planned");
        assertThat(store.wire.seen("GET")).isEqualTo(ATTEMPTS);
        assertThatIOException().isThrownBy(() -> store.blobs.size("a"));
        assertThatIOException().isThrownBy(() -> store.blobs.list("", "", 1));
        assertThatIOException().isThrownBy(() -> store.blobs.delete("a"));
        assertThatIOException().isThrownBy(() -> store.blobs.file("a", temp));
        assertThatIOException().isThrownBy(() -> store.blobs.sweepUnfinished(List.of(""), LATER));
        assertThatIOException().isThrownBy(() -> store.put(bytes(10)));
        assertThatIOException().isThrownBy(() -> store.put(bytes(THREE_PARTS)));

        assertThat(temp).isEmptyDirectory();
        assertThat(store.direct.size("a")).hasValue(10);
        assertThat(store.direct.sweepUnfinished(List.of(""), LATER)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"507,XMinioStorageFull", "403,QuotaExceeded"})
    void a_store_that_is_full_is_told_as_such(int status, String code) {
        store.wire.plan(100, "PUT", FaultyWire.error(status, code));

        assertThatIOException().isThrownBy(() -> store.put(bytes(10))).matches(DiskFull::isReasonOf);
        assertThatIOException().isThrownBy(() -> store.put(bytes(THREE_PARTS))).matches(DiskFull::isReasonOf);
    }

    @Test
    void a_store_that_never_answers_is_given_up() throws IOException {
        store.wire.plan(1000, "/flowstate-test", FaultyWire.silence());

        try (S3Blobs impatient = store.behind(Duration.ofMillis(200))) {
            assertThatIOException()
                    .isThrownBy(() -> impatient.read("a", 0, 1))
                    .withMessageContaining("s3://flowstate-test/a: cannot read: ");
            assertThat(store.wire.seen("GET")).isEqualTo(ATTEMPTS);
            try (Writer writer = impatient.create("a")) {
                writer.write(1);
                assertThatIOException().isThrownBy(writer::commit);
            }
        }
        assertThat(store.direct.size("a")).isEmpty();
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
            store.wire.plan(1, words, faults.get(random.nextInt(faults.size())));
        }
        byte[] bytes = bytes(S3Writer.PART_BYTES + random.nextInt(100_000));

        boolean written = attempt(() -> store.put(bytes));
        boolean read = attempt(() -> assertThat(store.read(0, Long.MAX_VALUE)).isEqualTo(bytes));

        boolean there = store.isThere();
        assertThat(written || read).as("seed %d: done, but not there", seed).matches(done -> !done || there);
        if (there) {
            assertThat(store.readDirectly()).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    @Test
    void who_waits_for_the_store_can_be_interrupted() throws Exception {
        store.wire.plan(1, "GET", FaultyWire.silence());
        FutureTask<Class<?>> outcome = new FutureTask<>(() -> {
            try {
                store.read(0, 1);
                return byte[].class;
            } catch (IOException told) {
                return told.getClass();
            }
        });
        Thread reader = Thread.ofVirtual().start(outcome);
        awaitThat(() -> store.wire.seen("GET") > 0);

        reader.interrupt();

        assertThat(outcome.get()).isEqualTo(InterruptedIOException.class);
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
}
