package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Status;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who may hand in what, and how it is found again, on either database and on any store. */
abstract class JobsAtTheDoorContract extends JobsFixture {
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
    void jobs_of_another_owner_are_not_there() {
        Job job = house.submit();

        assertThatThrownBy(() -> house.jobs.find("somebody else", job.id()))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.code()).isEqualTo(Code.NOT_FOUND));
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
}
