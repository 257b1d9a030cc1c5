package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.blob.S3Blobs;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import io.flowstate.testkit.TestPostgres;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup by pg_dump under jobs that run, and what is found in another database and another bucket to which it was restored. */
final class PostgresBackupTest {
    @TempDir
    Path folder;

    @Test
    void jobs_and_outputs_are_there_after_a_backup_was_restored_and_what_ran_meanwhile_is_run_again() throws Exception {
        assumeThat(Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .map(place -> Path.of(place, "pg_restore")))
                .as("SKIPPED: there is no pg_dump")
                .anyMatch(program -> program.toFile().canExecute());
        Path dump = folder.resolve("flowstate.dump");
        try (TestPostgres server = new TestPostgres();
                TestS3 store = new TestS3();
                S3Blobs before = store.blobs();
                S3Blobs after = store.blobs()) {
            String lost = server.address();
            String restored = server.address();
            Job finished;
            Job running;
            try (House house = new House(Databases.postgres(lost), folder, before)) {
                house.worker(1);
                finished = house.awaitEnd(house.submit());
                Gate never = new Gate();
                house.local.next(Script.start().openAll().await(never));
                running = house.submit();
                never.awaitReached();

                run("pg_dump", "--format=custom", "--file=" + dump, full(lost));
                copy(before, after);
            }

            run("pg_restore", "--no-owner", "--exit-on-error", "--dbname=" + full(restored), dump.toString());

            try (House house = new House(Databases.postgres(restored), folder, after)) {
                assertThat(house.read(house.now(finished), "vocals"))
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo(FakeProvider.PLAIN);
                assertThat(house.now(running).status()).isEqualTo(Job.Status.RUNNING);
                house.worker(1);

                Job done = house.awaitEnd(running);

                assertThat(done.status()).isEqualTo(Job.Status.SUCCEEDED);
                assertThat(done.attempt()).isEqualTo(2);
                assertThat(house.read(done, "bass")).isNotEmpty();
            }
        }
    }

    /** As psql and its like want it. */
    private static String full(String address) {
        return address.replace("postgresql://", "postgresql://postgres@");
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(List.of(command).toString())
                .isZero();
    }

    private static void copy(BlobStore from, BlobStore to) throws IOException {
        for (BlobStore.Entry entry : from.list("", "", 1_000)) {
            try (InputStream bytes = from.read(entry.key(), 0, Long.MAX_VALUE);
                    BlobStore.Writer writer = to.create(entry.key())) {
                bytes.transferTo(writer);
                writer.commit();
            }
        }
    }
}
