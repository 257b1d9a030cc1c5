package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job whose audio is at an address: what passes by itself is waited for, and what does not ends the job. */
final class FetchedInputTest {
    @TempDir
    Path folder;

    private House house;
    private Receiver host;

    @BeforeEach
    void open() throws IOException {
        house = new House(Databases.sqlite(folder), folder);
        host = new Receiver("127.0.0.1");
    }

    @AfterEach
    void close() {
        host.close();
        house.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void a_host_that_does_not_give_it_now_is_asked_again(int status) {
        host.answerNext(status);
        Job job = submit(host.url());
        house.worker(1);

        Job done = house.awaitEnd(job);

        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(done.attempt()).isEqualTo(2);
        assertThat(host.arrived()).hasSize(2);
    }

    @Test
    void a_host_that_is_away_is_waited_for_in_the_queue() {
        URI nobody = host.url();
        host.close();
        Job job = submit(nobody);
        Worker worker = house.worker(1);

        awaitThat(() -> house.now(job).attempt() == 1 && house.now(job).status() == Job.Status.QUEUED);

        awaitThat(() -> worker.running() == 0);
        assertThat(worker.tally().get(Tally.Event.PUT_BACK)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404})
    void what_the_host_does_not_have_ends_the_job_at_once(int status) {
        host.answerNext(status);
        Job job = submit(host.url());
        house.worker(1);

        Job failed = house.awaitEnd(job);

        assertThat(failed.status()).isEqualTo(Job.Status.FAILED);
        assertThat(failed.attempt()).isEqualTo(1);
        assertThat(failed.error().orElseThrow()).contains("address_failed", "answers " + status);
    }

    @Test
    void an_address_that_is_not_allowed_ends_the_job_at_once() {
        Job job = submit(URI.create("http://127.0.0.2:1/song.wav"));
        house.worker(1);

        Job failed = house.awaitEnd(job);

        assertThat(failed.attempt()).isEqualTo(1);
        assertThat(failed.error().orElseThrow()).contains("address_not_allowed");
    }

    @Test
    void the_last_try_ends_the_job_with_what_the_host_said_and_how_often() {
        host.answer(502);
        Job job = submit(host.url());
        house.database.change(
                tx -> tx.sql().execute("update scheduled_task set consecutive_failures = ?", PutBack.MOST_FETCHES));
        house.worker(1);

        Job failed = house.awaitEnd(job);

        assertThat(failed.error().orElseThrow())
                .contains("address_failed", "127.0.0.1 answers 502. It was tried 7 times in a row.");
        assertThat(house.left()).isZero();
    }

    @Test
    void the_host_is_left_alone_for_as_long_as_it_asks_but_not_for_ever() {
        assertThat(PutBack.pauseForHost(0, Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(2));
        assertThat(PutBack.pauseForHost(0, Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(30));
        assertThat(PutBack.pauseForHost(5, Duration.ofDays(1))).isEqualTo(Duration.ofMinutes(5));
    }

    private Job submit(URI url) {
        Submission sent = house.submission();
        return house.jobs.submit(new Submission(
                sent.owner(),
                sent.request(),
                sent.policy(),
                new Submission.Remote("song.wav", url),
                sent.tags(),
                sent.webhook(),
                sent.keepInput(),
                sent.keepOutput(),
                sent.idempotency()));
    }
}
