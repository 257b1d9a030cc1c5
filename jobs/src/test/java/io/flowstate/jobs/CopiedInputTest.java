package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.testkit.FakeProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that has no files of its own, as S3 has none, lends a job's input as a copy. */
final class CopiedInputTest {
    @TempDir
    Path folder;

    @Test
    void the_copy_of_an_input_is_made_for_its_run_and_goes_with_it() throws IOException {
        try (House house = new House(DoomedNode.database(folder, Optional.empty()), folder)) {
            JobsConfig config = house.config("node", 1);
            FakeProvider provider = new FakeProvider("local");
            Job job = house.submit();

            try (Worker _ = Worker.start(
                    house.database, new Remote(house.blobs), house.gateway(provider), house.egress, config)) {
                assertThat(house.awaitEnd(job).status()).isEqualTo(Job.Status.SUCCEEDED);
            }

            try (Stream<Path> left = Files.list(config.scratch())) {
                assertThat(left).isEmpty();
            }
        }
    }

    /** Another store, as if it were far away. */
    private record Remote(BlobStore store) implements BlobStore {
        @Override
        public Writer create(String key) throws IOException {
            return store.create(key);
        }

        @Override
        public InputStream read(String key, long from, long length) throws IOException {
            return store.read(key, from, length);
        }

        @Override
        public OptionalLong size(String key) throws IOException {
            return store.size(key);
        }

        @Override
        public Path file(String key, Path scratch) throws IOException {
            Path copy = Files.createTempFile(scratch, "blob-", "");
            Files.write(copy, store.read(key, 0, Long.MAX_VALUE).readAllBytes());
            return copy;
        }

        @Override
        public void delete(String key) throws IOException {
            store.delete(key);
        }

        @Override
        public List<Entry> list(String prefix, String after, int atMost) throws IOException {
            return store.list(prefix, after, atMost);
        }

        @Override
        public int sweepUnfinished(Instant before) throws IOException {
            return store.sweepUnfinished(before);
        }
    }
}
