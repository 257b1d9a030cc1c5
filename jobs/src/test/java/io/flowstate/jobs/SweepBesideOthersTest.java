package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.Tx;
import io.flowstate.testkit.TestPostgres;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Those who remove things, beside others who change the same at the moment. */
final class SweepBesideOthersTest {
    private static final Duration A_MONTH = Duration.ofDays(30);

    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update job set expires_at = 1",
                "update job set created_at = 1",
                "delete from piece; update job set expires_at = 1, finished_at = 1"
            })
    void while_the_sweep_waits_for_a_job_it_holds_nothing_of_what_hangs_on_that(String due) throws Exception {
        try (House house = new House(Databases.postgres(postgres.address()), folder)) {
            house.worker(1);
            house.awaitEnd(house.submit());
            house.database.change(tx -> {
                for (String change : due.split(";", -1)) {
                    tx.sql().execute(change);
                }
            });

            assertHoldsNoBlobWhileItWaits(
                    house,
                    tx -> tx.sql().execute("update job set revision = revision + 1"),
                    () -> new Sweeper(house.database, house.blobs, A_MONTH).sweep());
        }
    }

    @Test
    void while_a_removal_waits_for_an_upload_it_holds_nothing_of_what_hangs_on_that() throws Exception {
        try (House house = new House(Databases.postgres(postgres.address()), folder)) {
            Uploads uploads = new Uploads(
                    house.database, house.blobs, new UploadsConfig(100, A_MONTH, 1_000), new SecureRandom());
            UploadState upload = uploads.create(House.OWNER, 10, "");
            try (UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.empty())) {
                append.write(new byte[5], 0, 5);
                append.finish();
            }

            assertHoldsNoBlobWhileItWaits(
                    house,
                    tx -> tx.sql().execute("update upload set received = received"),
                    () -> uploads.remove(House.OWNER, upload.id()));
        }
    }

    /** Otherwise each of two could hold what the other waits for. */
    private static void assertHoldsNoBlobWhileItWaits(House house, Consumer<Tx> hold, Runnable removal)
            throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> removed = house.database.write(tx -> {
                hold.accept(tx);
                Future<?> begun = threads.submit(removal);
                awaitThat(() -> somebodyWaits(house));
                assertThat(count(tx, "select key from blob for update skip locked"))
                        .isPositive()
                        .isEqualTo(count(tx, "select key from blob"));
                return begun;
            });

            removed.get();
        }
    }

    private static int count(Tx tx, String rows) {
        return tx.sql().createQuery(rows).mapTo(String.class).list().size();
    }

    private static boolean somebodyWaits(House house) {
        return house.database.read(
                sql -> sql.createQuery("""
                        select exists (select 1 from pg_stat_activity
                            where datname = current_database() and wait_event_type = 'Lock')""").mapTo(boolean.class).one());
    }

    @Test
    void a_job_that_is_tried_again_when_its_time_is_over_is_not_forgotten() throws Exception {
        try (House house = new House(Databases.sqlite(folder), folder)) {
            house.jobs.cancel(House.OWNER, house.submit().id());
            house.jobs.cancel(House.OWNER, house.submit().id());
            house.database.change(tx -> {
                tx.sql().execute("update job set expires_at = 1, finished_at = 1");
                // Somebody is quicker than the sweep, which has found both by now.
                tx.sql().execute("""
                        create trigger revived after delete on job begin
                            update job set status = 'queued', finished_at = null, expires_at = null;
                        end""");
            });

            new Sweeper(house.database, house.blobs, A_MONTH).sweep();

            List<Jobs.Listed> left = house.jobs
                    .list(House.OWNER, JobFilter.ALL, Optional.empty(), 10)
                    .jobs();
            assertThat(left).singleElement().satisfies(each -> {
                assertThat(each.job().status()).isEqualTo(Job.Status.QUEUED);
                assertThat(house.jobs.readInput(each.job(), 0, 100)).isNotEmpty();
            });
        }
    }
}
