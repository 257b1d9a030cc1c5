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
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that are small enough to be kept in the database, on either. */
abstract class SmallInputsContract {
    @TempDir
    Path folder;

    private House house;

    abstract Database open(Path folder);

    @BeforeEach
    void begin() throws IOException {
        house = new House(open(folder), folder);
    }

    @AfterEach
    void end() {
        house.close();
    }

    @Test
    void a_small_input_never_reaches_the_store_and_the_job_that_runs_has_its_bytes() throws IOException {
        byte[] song = song(BlobTable.MOST_IN_ROW);
        SlowProvider provider = new SlowProvider(Stop.nowhere(), Duration.ZERO);

        Job job = submit(song);
        assertThat(stored("/input")).isEmpty();
        house.worker("node", 1, provider);
        Job done = house.awaitEnd(job);

        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(house.read(done, "vocals")).isEqualTo(SlowProvider.expected(text(song), "vocals"));
        assertThat(read(done, 0, Long.MAX_VALUE)).isEqualTo(song);
        assertThat(stored("/input")).isEmpty();
        assertThat(scratch()).isEmpty();
    }

    @Test
    void one_byte_more_and_it_is_a_file_in_the_store() throws IOException {
        byte[] song = song(BlobTable.MOST_IN_ROW + 1);

        Job job = submit(song);

        assertThat(stored("/input")).containsExactly(job.input().blob().orElseThrow());
        assertThat(read(job, 0, Long.MAX_VALUE)).isEqualTo(song);
    }

    @Test
    void any_part_of_it_can_be_read() throws IOException {
        byte[] song = song(10);
        Job job = submit(song);

        assertThat(read(job, 3, 4)).isEqualTo(new byte[] {song[3], song[4], song[5], song[6]});
        assertThat(read(job, 8, 100)).isEqualTo(new byte[] {song[8], song[9]});
        assertThat(read(job, 11, 1)).isEmpty();
        assertThat(read(submit(new byte[0]), 0, 1)).isEmpty();
    }

    @Test
    void its_bytes_count_until_it_is_gone_and_it_goes_with_its_job() throws IOException {
        Job job = submit(song(1_000));
        assertThat(house.database.<Long>read(BlobTable::totalBytes)).isEqualTo(1_000);

        house.jobs.remove(House.OWNER, job.id());
        sweep();

        assertThat(house.database.<Long>read(BlobTable::totalBytes)).isZero();
        assertThat(rows()).isZero();
    }

    @Test
    void when_its_time_is_over_it_is_gone_and_the_job_that_failed_cannot_be_tried_again() throws IOException {
        Job job = submit(song(1_000));
        house.jobs.cancel(House.OWNER, job.id());
        house.database.change(tx -> tx.sql().execute("update job set keep_input_millis = 0, created_at = 1"));

        sweep();

        Job after = house.jobs.find(House.OWNER, job.id());
        assertThat(rows()).isZero();
        refused(Code.EXPIRED, () -> read(after, 0, 1));
        refused(Code.EXPIRED, () -> house.jobs.retry(House.OWNER, job.id()));
    }

    @Test
    void what_looks_for_things_that_belong_to_nobody_leaves_it_alone() throws IOException {
        byte[] song = song(1_000);
        Job job = submit(song);
        Sweeper sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));

        sweeper.reconcile(Duration.ofDays(-1));
        sweeper.sweep(Duration.ofDays(-1));

        assertThat(read(job, 0, Long.MAX_VALUE)).isEqualTo(song);
    }

    private interface Refused {
        Object ask() throws IOException;
    }

    private static void refused(Code code, Refused call) {
        assertThatThrownBy(call::ask)
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(code));
    }

    private Job submit(byte[] song) throws IOException {
        Path file = Files.write(folder.resolve("song.wav"), song);
        Job job = house.jobs.submit(new Submission(
                House.OWNER,
                StemsRequest.of(new AudioInput("song.wav", file)),
                Policy.DEFAULT,
                new Submission.Sent("song.wav", file, song.length, "00"),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        Files.delete(file);
        return job;
    }

    /** Letters, as the provider of these tests reads its input as text. */
    private static byte[] song(int bytes) {
        byte[] song = new byte[bytes];
        Random random = new Random(bytes);
        for (int i = 0; i < bytes; i++) {
            song[i] = (byte) ('a' + random.nextInt(26));
        }
        return song;
    }

    private static String text(byte[] song) {
        return new String(song, StandardCharsets.UTF_8);
    }

    private byte[] read(Job job, long from, long length) throws IOException {
        try (InputStream in = house.jobs.readInput(job, from, length)) {
            return in.readAllBytes();
        }
    }

    private void sweep() {
        new Sweeper(house.database, house.blobs, Duration.ofDays(30)).sweep();
    }

    private long rows() {
        return house.database.read(sql ->
                sql.createQuery("select count(*) from blob").mapTo(long.class).one());
    }

    private List<String> stored(String end) throws IOException {
        return house.blobs.list("", "", 1_000).stream()
                .map(BlobStore.Entry::key)
                .filter(key -> key.endsWith(end))
                .toList();
    }

    private List<Path> scratch() throws IOException {
        try (Stream<Path> files = Files.list(house.scratch.folder())) {
            return files.filter(file -> file.toString().contains("job_")).toList();
        }
    }
}
