package io.flowstate.storage.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.BlobStore.Entry;
import io.flowstate.testkit.FaultyWire;
import io.flowstate.testkit.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is killed in the middle of its writing leaves what it committed, whole, and nothing that a sweep does not find. */
final class KilledWriterTest {
    private static final Instant LATER = Instant.parse("9999-01-01T00:00:00Z");

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void on_disk(long seed) throws Exception {
        BlobStore store = new DiskBlobs(temp);

        int committed = killAfter(lines(seed), DoomedWriter.start("disk", temp.toString()));

        checkThatWholeBlobsAreLeft(store, committed, seed);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void in_s3(long seed) throws Exception {
        S3Server server = new S3Server();
        try (S3Blobs store = new S3Blobs(TestBucket.config(server))) {
            int committed = killAfter(lines(seed), DoomedWriter.start("s3", Integer.toString(server.port())));

            checkThatWholeBlobsAreLeft(store, committed, seed);
        } finally {
            server.close();
        }
    }

    @Test
    void between_the_first_part_and_the_commit_in_s3() throws Exception {
        S3Server server = new S3Server();
        try (FaultyWire wire = new FaultyWire(server.port());
                S3Blobs store = new S3Blobs(TestBucket.config(server))) {
            wire.plan(100, "partNumber=2", FaultyWire.silence());
            DoomedWriter writer = DoomedWriter.start("s3", Integer.toString(wire.port()));
            assertThat(writer.next()).isEqualTo("begun 0");
            writer.kill();

            assertThat(store.list("", "", 10)).isEmpty();
            assertThat(store.sweepUnfinished(List.of(""), LATER)).isOne();
            assertThat(store.sweepUnfinished(List.of(""), LATER)).isZero();
        } finally {
            server.close();
        }
    }

    private static int lines(long seed) {
        return 1 + new SplittableRandom(seed).nextInt(60);
    }

    /** How many blobs it said were committed. */
    private static int killAfter(int lines, DoomedWriter writer) throws IOException, InterruptedException {
        int committed = 0;
        try {
            for (int each = 0; each < lines; each++) {
                committed += writer.next().startsWith("done") ? 1 : 0;
            }
        } finally {
            writer.kill();
        }
        return committed;
    }

    private static void checkThatWholeBlobsAreLeft(BlobStore store, int committed, long seed) throws IOException {
        List<Entry> left = store.list("", "", 10_000);

        // What it committed after its last word that was read is there too.
        assertThat(left).as("seed %d", seed).hasSizeGreaterThanOrEqualTo(committed);
        for (int number = 0; number < left.size(); number++) {
            assertThat(left.get(number).key()).as("seed %d", seed).isEqualTo(DoomedWriter.key(number));
            try (InputStream in = store.read(DoomedWriter.key(number), 0, Long.MAX_VALUE)) {
                assertThat(in.readAllBytes()).as("seed %d", seed).isEqualTo(DoomedWriter.bytes(number));
            }
        }
        assertThat(store.sweepUnfinished(List.of(""), LATER))
                .as("seed %d", seed)
                .isBetween(0, 1);
        assertThat(store.sweepUnfinished(List.of(""), LATER))
                .as("seed %d", seed)
                .isZero();
        assertThat(store.list("", "", 10_000)).as("seed %d", seed).isEqualTo(left);
    }
}
