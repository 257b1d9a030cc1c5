package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what time brings on: ends jobs whose deadline passes in the queue, and removes what has expired. Runs on a virtual thread of its own until it is closed. */
public final class Housekeeping implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration ROUND = Duration.ofSeconds(1);
    private static final int ROUNDS_BETWEEN_SWEEPS = 60;
    private static final int ROUNDS_BETWEEN_RECONCILIATIONS = 6 * 3_600;

    private final Database database;
    private final Sweeper sweeper;
    private final Tally tally = new Tally();
    private final Thread thread;
    private volatile boolean closed;

    private Housekeeping(Database database, BlobStore blobs, JobsConfig config) {
        this.database = database;
        this.sweeper = new Sweeper(database, blobs, config.keepJob());
        this.thread = Thread.ofVirtual().name("housekeeping").unstarted(this::run);
    }

    public static Housekeeping start(Database database, BlobStore blobs, JobsConfig config) {
        Housekeeping housekeeping = new Housekeeping(database, blobs, config);
        housekeeping.thread.start();
        return housekeeping;
    }

    private void run() {
        for (int round = 0; !closed; round++) {
            try {
                Jobs.endLate(database);
                if (round % ROUNDS_BETWEEN_SWEEPS == 0) {
                    sweep();
                }
                if (round % ROUNDS_BETWEEN_RECONCILIATIONS == ROUNDS_BETWEEN_RECONCILIATIONS - 1) {
                    sweeper.reconcile();
                }
                Thread.sleep(ROUND);
            } catch (InterruptedException stop) {
                return;
            } catch (IOException | RuntimeException failed) {
                log.warn("housekeeping failed; the next round tries again", failed);
                rest();
            }
        }
    }

    private void sweep() {
        try {
            sweeper.sweep();
            tally.count(Tally.Event.SWEPT);
        } catch (RuntimeException failed) {
            tally.count(Tally.Event.SWEEP_FAILED);
            throw failed;
        }
    }

    /** How often it has swept. */
    public Tally tally() {
        return tally;
    }

    private static void rest() {
        try {
            Thread.sleep(ROUND);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a round that is under way. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
