package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Database;
import java.time.Duration;

/**
 * How much room there is for blobs. Thread-safe.
 *
 * <p>Adding up all that is there takes the longer the more there is, so a sum is used again for twenty times as long as it took: looking costs at most a twentieth of the
 * time, however full the store and however many look. What comes through here meanwhile is added to it. What other nodes take in within that time is not seen, so that
 * together they may go over by so much; a counter in the database would be exact, and every transaction of every node would wait for its row.
 */
final class Room {
    private static final int TIMES = 20;
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Database database;
    private final long maxBytes;
    private long taken;
    private long usableUntil = System.nanoTime();

    Room(Database database, long maxBytes) {
        this.database = database;
        this.maxBytes = maxBytes;
    }

    /**
     * Counts so much as taken, for which a row is entered next.
     *
     * @throws FlowError {@code STORE_FULL}
     */
    synchronized void take(long bytes) {
        require(bytes);
        taken += bytes;
    }

    /**
     * Makes sure that so much more can be kept.
     *
     * @throws FlowError {@code STORE_FULL}
     */
    synchronized void require(long bytes) {
        long begun = System.nanoTime();
        if (begun - usableUntil >= 0) {
            taken = database.read(BlobTable::totalBytes);
            long now = System.nanoTime();
            usableUntil = now + Math.min(TIMES * (now - begun), LONGEST.toNanos());
        }
        if (taken + bytes > maxBytes) {
            throw FlowError.of(
                            Code.STORE_FULL,
                            "There is no room for the input: %d of %d bytes are taken by jobs and uploads.",
                            taken,
                            maxBytes)
                    .advice(
                            "Remove jobs that are done with (DELETE /v1/jobs/{id}), wait until some expire, or raise jobs.max_bytes.");
        }
    }
}
