package io.flowstate.jobs;

import static io.flowstate.testkit.Await.awaitThat;

import io.flowstate.core.routing.Policy;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A deadline ends a job in the queue at its time, whatever else a node is busy with. */
final class DeadlineInQueueTest {
    @TempDir
    Path folder;

    private final CountDownLatch sweeping = new CountDownLatch(1);
    private final CountDownLatch storeIsBack = new CountDownLatch(1);

    @Test
    void a_deadline_does_not_wait_for_a_sweep_that_waits_for_the_store() throws Exception {
        RemoteBlobs stuck = new RemoteBlobs(new DiskBlobs(folder.resolve("blobs"))) {
            @Override
            public int sweepUnfinished(List<String> prefixes, Instant before) throws IOException {
                sweeping.countDown();
                try {
                    storeIsBack.await();
                } catch (InterruptedException stop) {
                    throw new IOException(stop);
                }
                return super.sweepUnfinished(prefixes, before);
            }
        };
        try (House house = new House(Databases.sqlite(folder), folder, stuck);
                Housekeeping _ = Housekeeping.start(house.database, stuck, house.config("node", 1));
                Deadlines _ = Deadlines.start(house.database)) {
            sweeping.await();

            Job job = house.jobs.submit(house.submission(House.OWNER, within(Duration.ofSeconds(3))));

            awaitThat(() -> house.now(job).status() == Job.Status.FAILED);
            storeIsBack.countDown();
        }
    }

    private static Policy within(Duration limit) {
        return new Policy(Policy.Priority.REALTIME, Optional.empty(), Optional.of(limit), Set.of(), false, false);
    }
}
