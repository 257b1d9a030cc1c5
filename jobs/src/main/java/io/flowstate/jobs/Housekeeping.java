package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.time.Duration;

/** Removes what has expired, on a virtual thread of its own until it is closed. */
public final class Housekeeping implements AutoCloseable {
    private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(1);
    private static final int SWEEPS_BETWEEN_RECONCILIATIONS = 6 * 60;

    private final Sweeper sweeper;
    private final Tally tally = new Tally();
    private final Rounds rounds;
    private int sweeps;

    private Housekeeping(Database database, BlobStore blobs, JobsConfig config) {
        this.sweeper = new Sweeper(database, blobs, config.keepJob());
        this.rounds = Rounds.start("housekeeping", BETWEEN_SWEEPS, this::round);
    }

    public static Housekeeping start(Database database, BlobStore blobs, JobsConfig config) {
        return new Housekeeping(database, blobs, config);
    }

    private void round() throws IOException {
        try {
            sweeper.sweep();
            tally.count(Tally.Event.SWEPT);
        } catch (RuntimeException failed) {
            tally.count(Tally.Event.SWEEP_FAILED);
            throw failed;
        }
        if (++sweeps % SWEEPS_BETWEEN_RECONCILIATIONS == 0) {
            sweeper.reconcile();
        }
    }

    /** How often it has swept. */
    public Tally tally() {
        return tally;
    }

    /** Waits for a round that is under way. */
    @Override
    public void close() {
        rounds.close();
    }
}
