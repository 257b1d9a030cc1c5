package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.Status;
import io.flowstate.storage.Database;
import io.flowstate.storage.blob.DiskBlobs;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jobs promise, on either database and on any store. */
abstract class JobsContract {
    @TempDir
    Path folder;

    House house;

    abstract Database database(Path folder);

    /** A folder, unless it is to be another store. */
    BlobStore blobs(Path folder) throws IOException {
        return new DiskBlobs(folder.resolve("blobs"));
    }

    @BeforeEach
    void open() throws IOException {
        house = new House(database(folder), folder, blobs(folder));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void a_job_waits_until_a_node_runs_it_and_then_has_its_outputs() throws IOException {
        Job queued = house.submit();
        assertThat(queued.status()).isEqualTo(Job.Status.QUEUED);
        assertThat(house.jobs.position(queued)).hasValue(0);

        house.worker(1);

        Job done = house.awaitEnd(queued);
        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(done.attempt()).isEqualTo(1);
        assertThat(done.advance().fraction()).isEqualTo(1);
        assertThat(house.jobs.outputs(done))
                .extracting(Output::name)
                .containsExactly("drums", "bass", "other", "vocals");
        assertThat(house.jobs.outputs(done)).allMatch(Output::isComplete);
        assertThat(house.jobs.outputs(done).getFirst().file()).isEqualTo("song-drums.wav");
        assertThat(house.read(done, "vocals")).asString(StandardCharsets.UTF_8).isEqualTo(FakeProvider.PLAIN);
    }

    @Test
    void jobs_of_another_owner_are_not_there() {
        Job job = house.submit();

        assertThatThrownBy(() -> house.jobs.find("somebody else", job.id()))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.NOT_FOUND));
    }

    @Test
    void an_output_can_be_read_while_it_is_being_written() throws IOException {
        Gate gate = new Gate();
        byte[] first = new byte[JobOutputs.PIECE_BYTES];
        house.local.next(Script.start()
                .openAll()
                .writeAll(first)
                .await(gate)
                .writeAll("the end".getBytes(StandardCharsets.UTF_8)));
        Job job = house.submit();
        house.worker(1);
        gate.awaitReached();

        Output growing = house.jobs.outputs(job).getFirst();
        assertThat(growing.isComplete()).isFalse();
        try (InputStream stream = house.jobs.read(job, growing, 0, Long.MAX_VALUE)) {
            assertThat(stream.readNBytes(first.length)).isEqualTo(first);
            gate.open();
            assertThat(stream.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("the end");
        }
    }

    @Test
    void a_job_that_waits_is_canceled_at_once_and_never_runs() {
        Job job = house.submit();

        Job canceled = house.jobs.cancel(House.OWNER, job.id());

        assertThat(canceled.status()).isEqualTo(Job.Status.CANCELED);
        house.worker(1);
        house.awaitEnd(house.submit());
        assertThat(house.local.seen()).hasSize(1);
    }

    @Test
    void canceling_reaches_the_run() {
        house.local.next(Script.start().openAll().await(new Gate()));
        Job job = house.submit();
        house.worker(1);
        awaitStatus(job, Job.Status.RUNNING);

        house.jobs.cancel(House.OWNER, job.id());

        assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.CANCELED);
        assertThat(house.jobs.outputs(job)).isEmpty();
    }

    @Test
    void canceling_what_is_over_changes_nothing() {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());

        assertThat(house.jobs.cancel(House.OWNER, done.id())).isEqualTo(done);
    }

    @Test
    void a_job_that_failed_says_why_and_can_be_tried_again() {
        house.local.next(
                Script.start().fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.").advice("Buy more.")));
        house.worker(1);
        Job failed = house.awaitEnd(house.submit());
        assertThat(failed.status()).isEqualTo(Job.Status.FAILED);
        assertThat(failed.error().orElseThrow()).contains("out_of_memory", "Too big.", "Buy more.");

        house.jobs.retry(House.OWNER, failed.id());

        Job done = house.awaitEnd(failed);
        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(done.attempt()).isEqualTo(2);
        assertThat(done.error()).isEmpty();
    }

    @Test
    void only_what_failed_or_was_canceled_is_tried_again() {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());

        assertThatThrownBy(() -> house.jobs.retry(House.OWNER, done.id()))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.CONFLICT));
    }

    @Test
    void a_full_provider_puts_the_job_off_without_counting_it_as_a_failure() {
        house.local.next(
                Script.start().fail(FlowError.of(Code.QUEUE_FULL, "Full.").retryAfter(Duration.ofMillis(50))));
        house.worker(1);

        Job done = house.awaitEnd(house.submit());

        assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
        assertThat(house.local.seen()).hasSize(2);
    }

    @Test
    void the_same_key_and_request_is_the_same_job_and_another_request_is_refused() {
        Submission first = keyed("k", "f");
        Job job = house.jobs.submit(first);

        assertThat(house.jobs.submit(keyed("k", "f")).id()).isEqualTo(job.id());
        assertThatThrownBy(() -> house.jobs.submit(keyed("k", "g")))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.KEY_REUSED));
    }

    @Test
    void of_many_submissions_with_one_key_at_once_one_becomes_a_job() {
        List<String> ids = IntStream.range(0, 16)
                .parallel()
                .mapToObj(_ -> house.jobs.submit(keyed("k", "f")).id())
                .toList();

        assertThat(Set.copyOf(ids)).hasSize(1);
    }

    @Test
    void realtime_comes_before_background_and_owners_take_turns() {
        house.worker(1).drain(Duration.ZERO);
        for (int i = 0; i < 5; i++) {
            house.jobs.submit(house.submission("greedy", background()));
        }
        house.jobs.submit(house.submission("modest", background()));
        house.jobs.submit(house.submission("urgent", Policy.DEFAULT));

        house.worker(1);

        awaitRuns(7);
        assertThat(house.local.seen().stream()
                        .map(seen -> house.database
                                .read(sql -> JobTable.find(sql, seen.run().id()))
                                .orElseThrow()
                                .owner()))
                .startsWith("urgent", "greedy", "modest", "greedy");
    }

    @Test
    void a_node_that_is_drained_hands_its_jobs_back_and_another_finishes_them() {
        Gate gate = new Gate();
        house.local.next(Script.start().openAll().await(gate));
        Job job = house.submit();
        Worker first = house.worker(1);
        gate.awaitReached();

        first.drain(Duration.ZERO);
        assertThat(house.now(job).status()).isEqualTo(Job.Status.QUEUED);
        house.worker(1);

        assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.SUCCEEDED);
    }

    @Test
    void a_deadline_that_passes_in_the_queue_ends_the_job() {
        Job job = house.jobs.submit(house.submission(House.OWNER, deadline(Duration.ofSeconds(2))));

        awaitThat(() -> {
            Jobs.endLate(house.database);
            return house.now(job).status() == Job.Status.FAILED;
        });

        assertThat(house.now(job).error().orElseThrow()).contains("deadline_exceeded");
    }

    @Test
    void what_nothing_can_run_is_refused_at_the_door() {
        house.local.stands(Status.unavailable("out of order"));

        assertThatThrownBy(house::submit)
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.UNAVAILABLE));
    }

    @Test
    void a_job_is_refused_when_there_is_no_room_and_nothing_is_dropped_for_it() throws IOException {
        house.local.next(Script.writing(new byte[17 << 20]));
        house.worker(1);
        Job big = house.awaitEnd(house.submit());

        // What has been added up a moment ago may be used once more.
        awaitThat(() -> isRefused(Code.STORE_FULL));
        assertThat(house.read(big, "drums")).hasSize(17 << 20);
    }

    @Test
    void waiting_ends_with_the_change() {
        Job job = house.submit();
        house.worker(1);

        Job later =
                house.jobs.awaitChange(House.OWNER, job.id(), job.revisions().last(), Duration.ofSeconds(20));

        assertThat(later.revisions().last()).isGreaterThan(job.revisions().last());
    }

    @Test
    void it_can_be_seen_how_many_wait_for_how_long_and_what_became_of_them() {
        house.local.next(
                Script.start().fail(FlowError.of(Code.QUEUE_FULL, "Full.").retryAfter(Duration.ofMillis(10))));
        house.local.next(Script.start().fail(FlowError.of(Code.OUT_OF_MEMORY, "Too big.")));
        Job first = house.submit();
        Job second = house.submit();
        assertThat(vitals().queued()).isEqualTo(2);
        assertThat(vitals().bytes()).isPositive();
        awaitThat(() -> vitals().oldest().isPositive());

        Worker worker = house.worker(1);
        house.awaitEnd(first);
        house.awaitEnd(second);

        awaitThat(() -> vitals().running() == 0);
        assertThat(vitals().queued()).isZero();
        assertThat(vitals().oldest()).isZero();
        awaitThat(() -> worker.tally().get(Tally.Event.SUCCEEDED) == 1);
        awaitThat(() -> worker.tally().get(Tally.Event.FAILED) == 1);
        assertThat(worker.tally().get(Tally.Event.PUT_BACK)).isEqualTo(1);
        assertThat(worker.tally().get(Tally.Event.CANCELED)).isZero();
    }

    private Vitals vitals() {
        return Vitals.read(house.database);
    }

    private boolean isRefused(Code code) {
        try {
            house.submit();
            return false;
        } catch (FlowError refused) {
            assertThat(refused.code()).isEqualTo(code);
            return true;
        }
    }

    @Test
    void a_page_of_jobs_has_each_with_its_outputs_and_its_place_in_the_queue() {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());
        Gate gate = new Gate();
        house.local.next(Script.start().openAll().await(gate));
        Job running = house.submit();
        gate.awaitReached();
        Job first = house.submit();
        Job second = house.submit();

        Jobs.Page page = house.jobs.list(House.OWNER, JobFilter.ALL, Optional.empty(), 3);

        assertThat(page.jobs())
                .extracting(listed -> listed.job().id())
                .containsExactly(second.id(), first.id(), running.id());
        assertThat(page.jobs())
                .extracting(Jobs.Listed::position)
                .containsExactly(OptionalInt.of(1), OptionalInt.of(0), OptionalInt.empty());
        assertThat(page.jobs().getLast().outputs()).hasSize(4).isEqualTo(house.jobs.outputs(house.now(running)));
        Jobs.Page rest = house.jobs.list(House.OWNER, JobFilter.ALL, page.next(), 3);
        assertThat(rest.next()).isEmpty();
        assertThat(rest.jobs()).singleElement().satisfies(listed -> {
            assertThat(listed.job().id()).isEqualTo(done.id());
            assertThat(listed.outputs()).allMatch(Output::isComplete);
        });
        gate.open();
    }

    @Test
    void jobs_are_listed_by_tag_and_by_the_time_of_their_submission() {
        Job first = house.jobs.submit(tagged("old", "all"));
        Job second = house.jobs.submit(tagged("all"));
        Job third = house.jobs.submit(tagged("all", "new"));
        assertThat(third.tags())
                .containsExactly("all", "new")
                .isEqualTo(house.now(third).tags());

        assertThat(listed(Optional.of("all"), Optional.empty(), Optional.empty()))
                .containsExactly(third.id(), second.id(), first.id());
        assertThat(listed(Optional.of("old"), Optional.empty(), Optional.empty()))
                .containsExactly(first.id());
        assertThat(listed(Optional.of("none"), Optional.empty(), Optional.empty()))
                .isEmpty();
        Instant end = third.times().created().plusMillis(1);
        assertThat(listed(Optional.of("new"), Optional.of(third.times().created()), Optional.of(end)))
                .containsExactly(third.id());
        assertThat(listed(Optional.empty(), Optional.of(end), Optional.empty())).isEmpty();
        assertThat(listed(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(first.times().created())))
                .isEmpty();
        assertThat(listed(Optional.empty(), Optional.of(first.times().created()), Optional.of(end)))
                .hasSize(3);
    }

    private List<String> listed(Optional<String> tag, Optional<Instant> since, Optional<Instant> until) {
        JobFilter filter = new JobFilter(Optional.empty(), Optional.empty(), tag, since, until);
        return house.jobs.list(House.OWNER, filter, Optional.empty(), 10).jobs().stream()
                .map(each -> each.job().id())
                .toList();
    }

    private Submission tagged(String... tags) {
        Submission plain = house.submission();
        return new Submission(
                plain.owner(),
                plain.request(),
                plain.policy(),
                plain.source(),
                List.of(tags),
                plain.webhook(),
                plain.keepInput(),
                plain.keepOutput(),
                plain.idempotency());
    }

    private Submission keyed(String key, String fingerprint) {
        Submission plain = house.submission();
        return new Submission(
                plain.owner(),
                plain.request(),
                plain.policy(),
                plain.source(),
                plain.tags(),
                plain.webhook(),
                plain.keepInput(),
                plain.keepOutput(),
                Optional.of(new Idempotency(key, fingerprint)));
    }

    private static Policy background() {
        return new Policy(Policy.Priority.BACKGROUND, Optional.empty(), Optional.empty(), Set.of(), false, false);
    }

    private static Policy deadline(Duration limit) {
        return new Policy(Policy.Priority.REALTIME, Optional.empty(), Optional.of(limit), Set.of(), false, false);
    }

    void awaitStatus(Job job, Job.Status status) {
        awaitThat(() -> house.now(job).status() == status);
    }

    private void awaitRuns(int count) {
        awaitThat(() -> house.local.seen().size() >= count);
    }

    /** A condition that may hold. */
    interface Condition {
        boolean holds();
    }

    static void awaitThat(Condition condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
