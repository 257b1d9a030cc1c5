package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A store that does not take what a job gives: the job waits for it, longer each time, and not without end. */
final class RefusingStoreTest {
    private static final String FULL = "No space left on device";

    @TempDir
    Path folder;

    private FailingBlobs blobs;
    private House house;

    @BeforeEach
    void open() throws IOException {
        blobs = new FailingBlobs(new DiskBlobs(folder.resolve("blobs")));
        house = new House(Databases.sqlite(folder), folder, blobs);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @CsvSource({"500 InternalError", FULL})
    void what_is_refused_while_it_is_written_is_tried_again(String why) throws IOException {
        blobs.refuse(1, why);
        Job job = house.submit();
        house.worker(1);

        Job done = house.awaitEnd(job);

        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(done.attempt()).isEqualTo(2);
        assertThat(house.read(done, "vocals")).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"500 InternalError, store_unavailable", FULL + ", disk_full"})
    void a_job_whose_last_try_is_refused_fails_with_the_reason(String why, String code) {
        blobs.refuse(1_000, why);
        Job job = house.submit();
        refusedBefore(PutBack.MOST);
        house.worker(1);

        Job failed = house.awaitEnd(job);

        assertThat(failed.status()).isEqualTo(Job.Status.FAILED);
        assertThat(failed.error().orElseThrow()).contains(code, "21 times in a row");
        assertThat(house.left()).isZero();
    }

    @Test
    void pauses_grow_to_five_minutes_and_tries_end_after_more_than_an_hour() {
        assertThat(IntStream.of(0, 1, 2, 7, 8, PutBack.MOST).mapToObj(PutBack::pause))
                .containsExactly(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(256),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(5));
        assertThat(IntStream.range(0, PutBack.MOST).mapToObj(PutBack::pause).reduce(Duration.ZERO, Duration::plus))
                .isBetween(Duration.ofHours(1), Duration.ofHours(2));
    }

    @Test
    void one_that_waits_for_the_store_counts_its_tries_and_goes_when_it_is_canceled() {
        blobs.refuse(1_000, FULL);
        Job job = house.submit();
        refusedBefore(5);
        house.worker(1);
        awaitThat(() -> house.now(job).attempt() == 1 && house.now(job).status() == Job.Status.QUEUED);
        assertThat(refusals()).isEqualTo(6);

        house.jobs.cancel(House.OWNER, job.id());

        assertThat(house.now(job).status()).isEqualTo(Job.Status.CANCELED);
        assertThat(house.left()).isZero();
        assertThat(places()).isZero();
    }

    private void refusedBefore(int times) {
        house.database.change(tx -> tx.sql().execute("update scheduled_task set consecutive_failures = ?", times));
    }

    private int refusals() {
        return number("select consecutive_failures from scheduled_task");
    }

    private int places() {
        return number("select count(*) from scheduled_task");
    }

    private int number(String query) {
        return house.database.read(
                sql -> sql.createQuery(query).mapTo(int.class).one());
    }
}
