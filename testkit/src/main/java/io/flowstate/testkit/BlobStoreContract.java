package io.flowstate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.spi.BlobStore.Writer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link io.flowstate.core.spi.BlobStore} promises. A subclass gives a store that is empty at the start of each test. */
public abstract class BlobStoreContract extends BlobKeysContract {
    /** More than any store keeps in memory, and no round number. */
    protected static final int MANY_BYTES = (21 << 20) + 12_345;

    /** After all that is written here. */
    private static final Instant LATER = Instant.parse("9999-01-01T00:00:00Z");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 65_537, 300_000, MANY_BYTES})
    void a_blob_is_read_back_as_it_was_written(int length) throws IOException {
        byte[] bytes = bytes(length, 1);

        put("jobs/1/vocals.wav", bytes);

        assertThat(read("jobs/1/vocals.wav", 0, Long.MAX_VALUE)).isEqualTo(bytes);
        assertThat(store().size("jobs/1/vocals.wav")).hasValue(length);
    }

    @Test
    void it_does_not_matter_in_what_pieces_a_blob_is_written() throws IOException {
        byte[] bytes = bytes(MANY_BYTES, 2);
        SplittableRandom random = new SplittableRandom(3);

        try (Writer writer = store().create("a")) {
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, random.nextInt(400_000));
                writer.write(bytes, at, length);
                at += length;
                if (at < bytes.length && random.nextBoolean()) {
                    writer.write(bytes[at++]);
                }
            }
            writer.commit();
        }

        assertThat(read("a", 0, Long.MAX_VALUE)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"0,1", "0,1000", "0,5000", "1,1", "17,500", "999,1", "999,2", "500,9223372036854775807", "3,0"})
    void a_range_gives_what_is_there(int from, long length) throws IOException {
        byte[] bytes = bytes(1000, 4);
        put("a", bytes);

        byte[] range = read("a", from, length);

        int end = (int) Math.min(1000, length > 1000 ? 1000 : from + length);
        assertThat(range).isEqualTo(Arrays.copyOfRange(bytes, from, end));
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,0",
        "0,9223372036854775807,0",
        "1000,1,1000",
        "1001,5,1000",
        "9223372036854775807,9223372036854775807,1000"
    })
    void past_the_end_there_is_nothing(long from, long length, int size) throws IOException {
        put("a", bytes(size, 5));

        assertThat(read("a", from, length)).isEmpty();
    }

    @Test
    void a_reader_may_leave_early_and_skip() throws IOException {
        byte[] bytes = bytes(MANY_BYTES, 6);
        put("a", bytes);

        try (InputStream in = store().read("a", 10, Long.MAX_VALUE)) {
            assertThat(in.read()).isEqualTo(bytes[10] & 0xff);
            in.skipNBytes(1000);
            assertThat(in.read()).isEqualTo(bytes[1011] & 0xff);
        }
        assertThat(read("a", 7, 3)).isEqualTo(Arrays.copyOfRange(bytes, 7, 10));
    }

    @Test
    void a_range_with_negative_numbers_is_refused() throws IOException {
        put("a", bytes(3, 7));

        assertThatIllegalArgumentException().isThrownBy(() -> read("a", -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> read("a", 0, -1));
    }

    @Test
    void a_blob_that_is_not_there_is_told_as_such() throws IOException {
        put("a/b", bytes(3, 8));

        for (String missing : List.of("b", "a/c", "a")) {
            assertThatThrownBy(() -> read(missing, 0, 1)).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> read(missing, 0, 0)).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> read(missing, 0, Long.MAX_VALUE)).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> store().file(missing, temp)).isInstanceOf(NoSuchFileException.class);
            assertThat(store().size(missing)).isEmpty();
            store().delete(missing);
        }
        assertThat(read("a/b", 0, Long.MAX_VALUE)).isEqualTo(bytes(3, 8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, MANY_BYTES})
    void nothing_is_seen_of_a_blob_before_its_commit(int length) throws IOException {
        try (Writer writer = store().create("a")) {
            writer.write(bytes(length, 9));
            writer.flush();

            assertThat(store().size("a")).isEmpty();
            assertThat(keys("", "", 10)).isEmpty();

            writer.commit();
            assertThat(store().size("a")).hasValue(length);
        }
        assertThat(store().size("a")).hasValue(length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, MANY_BYTES})
    void a_writer_that_is_closed_without_a_commit_leaves_nothing(int length) throws IOException {
        put("a", bytes(5, 10));

        try (Writer writer = store().create("a")) {
            writer.write(bytes(length, 11));
        }

        assertThat(read("a", 0, Long.MAX_VALUE)).isEqualTo(bytes(5, 10));
        assertThat(store().sweepUnfinished(List.of(""), LATER)).isZero();
    }

    @Test
    void what_a_dead_writer_left_is_never_seen_and_goes_with_the_sweep() throws IOException {
        store().create("dead/a").write(bytes(MANY_BYTES, 12));
        put("b", bytes(5, 13));

        assertThat(store().sweepUnfinished(List.of(""), Instant.EPOCH)).isZero();
        assertThat(store().sweepUnfinished(List.of(""), LATER)).isOne();
        assertThat(store().sweepUnfinished(List.of(""), LATER)).isZero();

        assertThat(keys("", "", 10)).containsExactly("b");
        assertThat(read("b", 0, Long.MAX_VALUE)).isEqualTo(bytes(5, 13));
    }

    @Test
    void a_writer_whose_work_was_swept_cannot_commit() throws IOException {
        try (Writer writer = store().create("a")) {
            writer.write(bytes(MANY_BYTES, 14));
            store().sweepUnfinished(List.of(""), LATER);

            assertThatIOException().isThrownBy(writer::commit);
        }
        assertThat(keys("", "", 10)).isEmpty();
    }

    @Test
    void a_commit_ends_the_writing() throws IOException {
        try (Writer writer = store().create("a")) {
            writer.write(1);
            writer.commit();

            assertThatIllegalStateException().isThrownBy(writer::commit);
            assertThatIOException().isThrownBy(() -> writer.write(2));
        }
        Writer closed = store().create("b");
        closed.close();
        closed.close();
        assertThatIllegalStateException().isThrownBy(closed::commit);
        assertThat(read("a", 0, Long.MAX_VALUE)).containsExactly(1);
        assertThat(keys("", "", 10)).containsExactly("a");
    }

    @Test
    void a_new_blob_replaces_the_old_one_as_a_whole() throws IOException {
        put("a", bytes(MANY_BYTES, 15));
        put("a", bytes(10, 16));

        assertThat(read("a", 0, Long.MAX_VALUE)).isEqualTo(bytes(10, 16));

        put("a", bytes(MANY_BYTES, 17));

        assertThat(read("a", 0, Long.MAX_VALUE)).isEqualTo(bytes(MANY_BYTES, 17));
        assertThat(keys("", "", 10)).containsExactly("a");
    }

    @Test
    void of_writers_of_one_key_one_wins_and_no_reader_sees_a_mixture() throws Exception {
        int length = 200_000;
        put("a", filled(length, 0));

        List<FutureTask<Void>> all = new ArrayList<>();
        for (int each = 1; each <= 6; each++) {
            byte[] own = filled(length, each);
            all.add(start(() -> {
                put("a", own);
                return null;
            }));
            all.add(start(() -> {
                byte[] seen = read("a", 0, Long.MAX_VALUE);
                assertThat(seen).hasSize(length).containsOnly(seen[0]);
                return null;
            }));
        }
        join(all);

        byte[] last = read("a", 0, Long.MAX_VALUE);
        assertThat(last).hasSize(length).containsOnly(last[0]);
        assertThat(last[0]).isBetween((byte) 1, (byte) 6);
        assertThat(store().sweepUnfinished(List.of(""), LATER)).isZero();
    }

    @Test
    void a_blob_survives_its_neighbours_coming_and_going() throws Exception {
        List<FutureTask<Void>> all = new ArrayList<>();
        for (int each = 0; each < 6; each++) {
            String key = "jobs/1/out/" + each;
            all.add(start(() -> {
                for (int round = 0; round < 15; round++) {
                    put(key, bytes(10, round));
                    assertThat(read(key, 0, Long.MAX_VALUE)).isEqualTo(bytes(10, round));
                    store().delete(key);
                    assertThat(store().size(key)).isEmpty();
                }
                return null;
            }));
        }
        join(all);

        assertThat(keys("", "", 10)).isEmpty();
    }

    @Test
    void a_blob_can_be_had_as_a_file() throws IOException {
        byte[] bytes = bytes(MANY_BYTES, 22);
        put("a/b.wav", bytes);

        Path file = store().file("a/b.wav", temp);

        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        assertThat(read("a/b.wav", 0, 5)).hasSize(5);
    }

    @Test
    void a_deleted_blob_is_gone_and_its_key_free() throws IOException {
        put("a/b", bytes(5, 23));
        put("a/c", bytes(5, 24));

        store().delete("a/b");
        store().delete("a/b");

        assertThat(keys("", "", 10)).containsExactly("a/c");
        store().delete("a/c");
        put("a", bytes(1, 25));
        assertThat(keys("", "", 10)).containsExactly("a");
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static FutureTask<Void> start(Callable<Void> work) {
        FutureTask<Void> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static void join(List<FutureTask<Void>> all) throws InterruptedException, ExecutionException {
        for (FutureTask<Void> each : all) {
            each.get();
        }
    }
}
