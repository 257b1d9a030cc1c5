package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sweep ends when nothing is left that has had its time, however much that is, and reads again only what may have changed. On either database. */
abstract class ManyExpiredContract {
    /** More than two batches, and not a whole number of them. */
    private static final int MANY = 2 * Sweeper.BATCH + 50;

    @TempDir
    Path folder;

    private House house;
    private Sweeper sweeper;
    private Instant now;

    abstract Database database(Path folder);

    @BeforeEach
    void open() throws IOException {
        house = new House(database(folder), folder);
        sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));
        now = house.database.clock().instant();
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void one_sweep_expires_all_outputs() {
        jobs("expires_at", now.minusSeconds(1));
        outputs();

        sweeper.sweep();

        assertThat(count("piece")).isZero();
        assertThat(count("job where revision = 2")).isEqualTo(MANY);
    }

    @Test
    void outputs_that_expire_between_two_sweeps_go_with_the_second() {
        jobs("expires_at", now.plusSeconds(1_000));
        outputs();
        sweeper.sweep();
        assertThat(count("piece")).isEqualTo(MANY);

        house.database.change(tx -> tx.sql()
                .execute("update job set expires_at = ?", now.minusSeconds(10).toEpochMilli()));
        sweeper.sweep();

        assertThat(count("piece")).isZero();
    }

    @Test
    void one_sweep_gives_up_all_inputs() {
        jobs("finished_at", now);
        house.database.change(tx -> tx.sql().execute("update job set input_blob = 'jobs/' || id || '/input'"));

        sweeper.sweep();

        assertThat(count("job where input_blob is not null")).isZero();
    }

    @Test
    void one_sweep_forgets_all_jobs() {
        jobs("finished_at", now.minus(Duration.ofDays(31)));
        house.database.change(tx -> tx.sql().execute("update job set expires_at = 1"));

        sweeper.sweep();

        assertThat(count("job")).isZero();
    }

    @Test
    void one_sweep_ends_all_uploads() {
        house.database.change(tx -> IntStream.range(0, MANY)
                .forEach(i -> UploadTable.insert(
                        tx, new UploadState("upload_" + i, House.OWNER, 1, 0, "", now.minusSeconds(1)), now)));

        sweeper.sweep();

        assertThat(count("upload where not swept")).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void one_sweep_removes_all_orphans_whenever_they_came(int millisApart) throws IOException {
        int orphans = 2 * Sweeper.LOOKED_AT_ONCE + 1;
        Instant first = now.minus(Duration.ofHours(3));
        house.database.change(tx -> IntStream.range(0, orphans)
                .forEach(i -> BlobTable.enter(
                        tx, "jobs/nobody/" + i, "nobody", 1, 1, first.plusMillis((long) i * millisApart))));
        Job kept = house.submit();

        sweeper.sweep();

        assertThat(count("blob")).isOne();
        assertThat(house.blobs.list("", "", 10))
                .extracting(BlobStore.Entry::key)
                .containsExactly(kept.input().blob().orElseThrow());
    }

    @Test
    void what_a_sweep_has_looked_at_is_looked_at_again_only_from_time_to_time() throws IOException {
        sweeper.sweep();
        Instant longAgo = now.minus(Duration.ofDays(2));
        house.database.change(tx -> BlobTable.enter(tx, "jobs/nobody/late", "nobody", 1, 1, longAgo));

        sweeper.sweep();
        assertThat(count("blob")).isOne();
        sweeper.reconcile();
        sweeper.sweep();

        assertThat(count("blob")).isZero();
    }

    /** Many jobs without files, with one time of theirs. */
    private void jobs(String column, Instant time) {
        Job one = house.submit();
        house.database.change(tx ->
                IntStream.range(1, MANY).forEach(i -> tx.sql().execute("""
                insert into job (id, owner, task, status, priority, request, policy, plan, input_name, created_at, keep_input_millis, keep_output_millis)
                select id || ?, owner, task, status, priority, request, policy, plan, input_name, created_at, keep_input_millis, keep_output_millis
                from job where id = ?""", "x" + i, one.id())));
        house.database.change(tx -> {
            tx.sql().execute("delete from scheduled_task");
            tx.sql().execute("update job set status = 'succeeded', created_at = 1, input_blob = null, revision = 1");
            tx.sql().execute("update job set <column> = ?".replace("<column>", column), time.toEpochMilli());
        });
    }

    /** One for each job. */
    private void outputs() {
        house.database.change(tx -> {
            tx.sql().execute("""
                    insert into output (job_id, name, generation, ordinal, file, media_type, revision)
                    select id, 'vocals', 0, 0, 'vocals.wav', 'audio/wav', 1 from job""");
            tx.sql().execute("""
                    insert into piece (job_id, name, ordinal, position, bytes, blob) select id, 'vocals', 0, 0, 1, 'jobs/' || id from job""");
        });
    }

    private int count(String from) {
        return house.database.read(sql ->
                sql.createQuery("select count(*) from " + from).mapTo(int.class).one());
    }
}
