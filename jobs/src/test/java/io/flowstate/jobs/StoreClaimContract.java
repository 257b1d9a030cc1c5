package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.DatabaseConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store belongs to one database, and a node on another one does not start on it. In a folder and in an S3-compatible store. */
abstract class StoreClaimContract {
    @TempDir
    Path folder;

    private House house;
    private Database other;

    /** A store that is empty; the same within one test. */
    abstract BlobStore blobs(Path folder) throws IOException;

    @BeforeEach
    void open() throws IOException {
        house = new House(database("data"), folder, blobs(folder));
        other = database("other");
    }

    @AfterEach
    void close() {
        other.close();
        house.close();
    }

    @Test
    void an_empty_store_is_taken_and_found_again() throws IOException {
        claim();
        List<String> marked = keys("");

        claim();

        assertThat(marked).singleElement().asString().startsWith("database/");
        assertThat(keys("")).isEqualTo(marked);
    }

    @Test
    void the_mark_outlives_sweeps() throws IOException {
        claim();
        Sweeper sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));
        sweeper.sweep(Duration.ofDays(-1));
        sweeper.reconcile(Duration.ofDays(-1));

        assertThat(keys("")).hasSize(1);
        claim();
    }

    @Test
    void another_database_is_refused_and_told_what_to_do() throws IOException {
        claim();
        house.submit();
        List<String> before = keys("");

        assertRefused("belongs to another database", "blobs.s3_prefix");

        assertThat(keys("")).isEqualTo(before);
        claim();
    }

    @Test
    void files_without_a_mark_are_taken_for_those_of_the_database_that_knows_some_of_them() throws IOException {
        write("jobs/job_0/1/0/vocals/0");
        house.submit();

        assertRefused("holds files that this database does not know", "data.folder");
        claim();

        assertThat(keys("database/")).hasSize(1);
        assertRefused("belongs to another database", "blobs.s3_prefix");
    }

    @Test
    void what_attempts_of_a_known_job_left_is_its_database_s() throws IOException {
        Job job = house.submit();
        house.database.change(tx -> tx.sql().execute("delete from blob"));
        house.blobs.delete("jobs/%s/input".formatted(job.id()));
        write("jobs/%s/1/0/vocals/0".formatted(job.id()));

        claim();

        assertThat(keys("database/")).hasSize(1);
    }

    @Test
    void what_came_of_a_known_upload_is_its_database_s() throws IOException {
        Instant now = house.database.clock().instant();
        UploadState known = new UploadState("upload_1", House.OWNER, 10, 0, "", now.plusSeconds(60));
        house.database.change(tx -> UploadTable.insert(tx, known, now));
        write("uploads/upload_1/piece_1");

        claim();

        assertThat(keys("database/")).hasSize(1);
    }

    @Test
    void its_own_file_is_found_behind_any_number_of_others() throws IOException {
        for (int i = 0; i < 201; i++) {
            write("jobs/a_stranger_%03d/input".formatted(i));
        }
        house.submit();

        claim();

        assertThat(keys("database/")).hasSize(1);
    }

    @Test
    void a_marked_store_is_its_database_s_whatever_lies_in_it() throws IOException {
        claim();
        write("jobs/job_0/1/0/vocals/0");

        claim();

        assertThat(keys("")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jobs/job_0/input", "uploads/upload_0/piece_0"})
    void a_store_with_files_that_nobody_knows_stays_as_it_is(String file) throws IOException {
        write(file);

        assertThatThrownBy(this::claim).hasMessageContaining("does not know");

        assertThat(keys("")).containsExactly(file);
    }

    @Test
    void a_store_that_others_use_is_not_taken_before_somebody_says_so() throws IOException {
        write("jobs/somebody-else-s");

        assertRefused("does not know", "put an empty file");
        write(marker());

        StoreClaim.claim(other, house.blobs);
    }

    @Test
    void nodes_of_one_database_may_start_at_once() throws Exception {
        int nodes = 8;
        CyclicBarrier start = new CyclicBarrier(nodes);
        Callable<Boolean> node = () -> {
            start.await();
            claim();
            return true;
        };
        List<Future<Boolean>> started = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < nodes; i++) {
                started.add(threads.submit(node));
            }
        }

        for (Future<Boolean> each : started) {
            assertThat(each.get()).isTrue();
        }
        assertThat(keys("")).hasSize(1);
    }

    @Test
    void of_two_databases_that_start_at_once_the_one_that_comes_second_sees_the_first() throws IOException {
        BlobStore slow = new RemoteBlobs(house.blobs) {
            @Override
            public Writer create(String key) throws IOException {
                claim();
                return super.create(key);
            }
        };

        assertThatThrownBy(() -> StoreClaim.claim(other, slow))
                .isInstanceOfSatisfying(
                        FlowError.class, error -> assertThat(error.message()).contains("claimed by several databases"));

        String unwanted = marker();
        assertThatThrownBy(this::claim).hasMessageContaining("claimed by several databases");
        house.blobs.delete(unwanted);
        assertThatCode(this::claim).doesNotThrowAnyException();
    }

    private void claim() throws IOException {
        StoreClaim.claim(house.database, house.blobs);
    }

    private void assertRefused(String why, String advice) {
        assertThatThrownBy(() -> StoreClaim.claim(other, house.blobs))
                .isInstanceOfSatisfying(FlowError.class, error -> {
                    assertThat(error.code()).isEqualTo(Code.BAD_CONFIG);
                    assertThat(error.message()).contains(why);
                    assertThat(error.advice()).asString().contains(advice);
                });
    }

    /** The mark of the other database. */
    private String marker() {
        return "database/"
                + other.read(sql -> sql.createQuery("select id from database_id")
                        .mapTo(String.class)
                        .one());
    }

    private List<String> keys(String prefix) throws IOException {
        return house.blobs.list(prefix, "", 100).stream()
                .map(BlobStore.Entry::key)
                .toList();
    }

    private void write(String key) throws IOException {
        try (BlobStore.Writer writer = house.blobs.create(key)) {
            writer.commit();
        }
    }

    private Database database(String name) {
        return Database.open(new DatabaseConfig.Embedded(folder.resolve(name)), Clock.systemUTC());
    }
}
