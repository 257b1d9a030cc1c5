package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.BlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;

/** The same house with somebody who sweeps, and a look into the store. */
abstract class JobFilesFixture extends JobsFixture {
    private static final Duration AT_ONCE = Duration.ofDays(-1);

    Sweeper sweeper;

    @BeforeEach
    void employ() {
        sweeper = new Sweeper(house.database, house.blobs, Duration.ofDays(30));
    }

    /** Of all that was ever written only the job's input and its present outputs are left. */
    final void assertNothingElseLies(Job done) throws IOException {
        sweep();
        List<String> wanted = house.database.read(sql -> sql.createQuery(
                        "select blob from piece where job_id = :id union select input_blob from job where id = :id")
                .bind("id", done.id())
                .mapTo(String.class)
                .list());
        assertThat(keys("")).containsExactlyInAnyOrderElementsOf(wanted);
    }

    final void sweep() throws IOException {
        sweeper.sweep(AT_ONCE);
        sweeper.reconcile(AT_ONCE);
    }

    final List<String> keys(String prefix) throws IOException {
        return house.blobs.list(prefix, "", 1_000).stream()
                .map(BlobStore.Entry::key)
                .toList();
    }

    final void write(String key) throws IOException {
        try (BlobStore.Writer writer = house.blobs.create(key)) {
            writer.write(1);
            writer.commit();
        }
    }

    final List<Path> scratch() throws IOException {
        try (Stream<Path> files = Files.list(house.scratch.folder())) {
            return files.toList();
        }
    }
}
