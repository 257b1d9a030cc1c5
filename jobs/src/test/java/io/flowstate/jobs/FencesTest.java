package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Tx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever had a job and has lost it changes nothing of it any more, statement by statement. */
final class FencesTest {
    @TempDir
    Path folder;

    private House house;
    private Job job;
    private int lost;
    /** The place of a node that was paused before it began. */
    private Schedule.Place left;
    /** The place of the one whose job it is. */
    private Schedule.Place held;

    /** A job that one node has begun, and then another. */
    @BeforeEach
    void begin() throws IOException {
        house = new House(Databases.sqlite(folder), folder);
        String id = house.submit().id();
        left = house.claim(id);
        lost = house.begin(id, "slow").attempt();
        held = house.claim(id);
        job = house.database.write(tx -> begun(tx, held)).orElseThrow().job();
        assertThat(job.attempt()).isGreaterThan(lost);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void it_does_not_begin_the_job_that_another_runs() {
        assertRefused(tx -> begun(tx, left).isPresent());
    }

    @Test
    void it_does_not_begin_the_job_that_another_has_claimed_and_not_begun() {
        Schedule.Place taken = house.claim(job.id());

        assertRefused(tx -> begun(tx, held).isPresent());
        assertBegins(taken);
    }

    @Test
    void it_does_not_begin_the_job_that_was_tried_again_meanwhile() {
        house.database.change(tx -> JobStates.end(
                tx,
                job.id(),
                job.attempt(),
                false,
                new JobStates.End(Job.Status.FAILED, "[]", Optional.empty(), Optional.empty(), Optional.empty()),
                Instant.now()));
        house.jobs.retry(House.OWNER, job.id());
        Schedule.Place taken = house.claim(job.id());

        assertRefused(tx -> begun(tx, left).isPresent() || begun(tx, held).isPresent());
        assertBegins(taken);
    }

    @Test
    void whoever_begins_twice_because_no_answer_came_has_begun_once_and_lost_nothing() {
        String before = row();

        Optional<JobStates.Begun> again = house.database.write(tx -> JobStates.begun(tx, held));
        assertThat(again).isPresent();
        assertThat(again.get().job().attempt()).isEqualTo(job.attempt());

        assertRefused(tx -> begun(tx, held).isPresent());
        Optional<JobStates.Begun> never = house.database.write(tx -> JobStates.begun(tx, left));
        assertThat(never).isEmpty();
        assertThat(row()).isEqualTo(before);
    }

    @Test
    void its_progress_does_not_count() {
        assertRefused(tx -> JobStates.advance(tx, job.id(), lost, "separating", 0.9) != JobStates.Advanced.LOST);
    }

    @Test
    void the_place_where_it_ran_is_not_noted() {
        assertRefused(tx -> {
            JobStates.place(tx, job.id(), lost, "local/other");
            return false;
        });
    }

    @Test
    void its_outputs_get_no_revision() {
        assertRefused(tx -> JobStates.touch(tx, job.id(), lost).isPresent());
    }

    @Test
    void its_checkpoint_is_not_kept() {
        assertRefused(tx -> JobStates.checkpoint(tx, job.id(), lost, "{}"));
    }

    @Test
    void the_input_that_it_has_fetched_is_not_taken() {
        assertRefused(tx -> JobStates.received(tx, job.id(), lost, "blob", 1, "00"));
    }

    @Test
    void it_does_not_put_the_job_back() {
        assertRefused(tx -> JobStates.giveBack(tx, job.id(), lost));
    }

    @Test
    void it_does_not_end_the_job() {
        JobStates.End end =
                new JobStates.End(Job.Status.SUCCEEDED, "[]", Optional.empty(), Optional.empty(), Optional.empty());

        assertRefused(tx ->
                JobStates.end(tx, job.id(), lost, false, end, Instant.now()).isPresent());
    }

    /** @param statement says whether it has changed anything */
    private void assertRefused(Predicate<Tx> statement) {
        String before = row();
        assertThat(house.database.write(statement::test)).isFalse();
        assertThat(row()).isEqualTo(before);
    }

    private String row() {
        return house.database.read(
                sql -> sql.createQuery("select * from job").mapToMap().one().toString());
    }

    private void assertBegins(Schedule.Place place) {
        Optional<JobStates.Begun> begun = house.database.write(tx -> begun(tx, place));
        assertThat(begun).isPresent();
    }

    private Optional<JobStates.Begun> begun(Tx tx, Schedule.Place place) {
        return JobStates.begin(tx, place, "node", house.database.clock().instant());
    }
}
