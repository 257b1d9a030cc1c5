package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.storage.blob.DiskBlobs;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is removed is gone from the store when the answer comes, without a sweep. */
final class RemovedFilesTest {
    @TempDir
    Path folder;

    private UnwillingBlobs blobs;
    private House house;

    /** Removes nothing while it is unwilling. */
    private static final class UnwillingBlobs extends RemoteBlobs {
        private volatile boolean unwilling;

        UnwillingBlobs(Path folder) throws IOException {
            super(new DiskBlobs(folder));
        }

        @Override
        public void delete(String key) throws IOException {
            if (unwilling) {
                throw new IOException("503 SlowDown");
            }
            super.delete(key);
        }
    }

    @BeforeEach
    void open() throws IOException {
        blobs = new UnwillingBlobs(folder.resolve("blobs"));
        house = new House(Databases.sqlite(folder), folder, blobs);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void a_job_goes_with_its_input_and_outputs_and_their_room_is_free() throws IOException {
        house.worker(1);
        Job done = house.awaitEnd(house.submit());
        assertThat(files()).isGreaterThan(1);

        house.jobs.remove(House.OWNER, done.id());

        assertThat(files()).isZero();
        assertThat(entries()).isZero();
    }

    @Test
    void a_job_that_runs_loses_what_it_has_at_once_and_the_rest_with_the_next_sweep() throws IOException {
        Gate gate = new Gate();
        house.local.next(Script.start().openAll().writeAll(new byte[1]).await(gate));
        Worker worker = house.worker(1);
        Job job = house.submit();
        gate.awaitReached();

        house.jobs.remove(House.OWNER, job.id());

        assertThat(blobs.size("jobs/%s/input".formatted(job.id()))).isEmpty();
        awaitThat(() -> worker.running() == 0);
        sweeper().sweep(Duration.ZERO);
        assertThat(files()).isZero();
        assertThat(entries()).isZero();
    }

    @Test
    void what_the_store_does_not_remove_now_goes_with_the_next_sweep() throws IOException {
        Job job = house.submit();
        blobs.unwilling = true;

        house.jobs.remove(House.OWNER, job.id());

        assertThat(files()).isEqualTo(1);
        blobs.unwilling = false;
        sweeper().sweep(Duration.ZERO);
        assertThat(files()).isZero();
        assertThat(entries()).isZero();
    }

    @Test
    void an_upload_goes_with_its_pieces() throws IOException {
        Uploads uploads =
                new Uploads(house.database, blobs, new UploadsConfig(100, Duration.ofDays(1), 200), new SecureRandom());
        UploadState upload = uploads.create(House.OWNER, 8, "");
        try (UploadAppend append = uploads.append(House.OWNER, upload.id(), 0, Optional.empty())) {
            append.write(new byte[5], 0, 5);
            append.finish();
        }
        assertThat(files()).isEqualTo(1);

        uploads.remove(House.OWNER, upload.id());

        assertThat(files()).isZero();
        assertThat(entries()).isZero();
    }

    private Sweeper sweeper() {
        return new Sweeper(house.database, blobs, Duration.ofDays(30));
    }

    private int files() throws IOException {
        int[] count = new int[1];
        for (String prefix : Sweeper.FOLDERS) {
            blobs.each(prefix, _ -> count[0]++);
        }
        return count[0];
    }

    private int entries() {
        return house.database.read(sql ->
                sql.createQuery("select count(*) from blob").mapTo(int.class).one());
    }
}
