package io.flowstate.jobs;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Database;
import io.flowstate.storage.Dialect;
import io.flowstate.storage.Tx;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes that are tried again while the database is away or its disk is full, so that a run that has cost minutes or money is not thrown away for a restart of PostgreSQL. What
 * is written so must do no harm when it is done twice, because an answer may be lost after the commit. Used by the thread of one run.
 */
final class Reconnecting {
    private static final Logger log = LoggerFactory.getLogger(Reconnecting.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration SOME = Duration.ofMinutes(5);
    private static final Duration ALL = Duration.ofDays(365);

    private final Database database;
    private final String job;
    private final Cancellation cancellation;
    private final Duration patience;

    /** For what a run writes: it gives up after some minutes, or when the run is canceled. */
    Reconnecting(Database database, String job, Cancellation cancellation) {
        this(database, job, cancellation, SOME);
    }

    private Reconnecting(Database database, String job, Cancellation cancellation, Duration patience) {
        this.database = database;
        this.job = job;
        this.cancellation = cancellation;
        this.patience = patience;
    }

    /**
     * For what becomes of a job, whatever became of its run. It never gives up on an embedded database, of which this process is the only user: nobody else would take the job
     * up. On one that many share another node does so some time after the heartbeats have stopped.
     */
    static Reconnecting settling(Database database, String job) {
        return new Reconnecting(database, job, new Cancellation(), database.dialect() == Dialect.SQLITE ? ALL : SOME);
    }

    /** @throws FlowError {@code STORE_UNAVAILABLE} or {@code DISK_FULL} when patience or the run has come to its end, or the thread is interrupted */
    <T> T write(Function<Tx, T> work) {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return database.write(work);
            } catch (FlowError away) {
                if (!mayPass(away)
                        || System.nanoTime() - end > 0
                        || cancellation.isCanceled()
                        || Thread.currentThread().isInterrupted()) {
                    throw away;
                }
                log.warn("{}: {} Trying again in {} ms.", job, away.message(), PAUSE.toMillis());
                rest();
            }
        }
    }

    private static boolean mayPass(FlowError failure) {
        return failure.code() == Code.STORE_UNAVAILABLE || failure.code() == Code.DISK_FULL;
    }

    void change(Consumer<Tx> work) {
        boolean _ = write(tx -> {
            work.accept(tx);
            return true;
        });
    }

    private static void rest() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
