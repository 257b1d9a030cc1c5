package io.flowstate.jobs;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.storage.Database;
import io.flowstate.storage.Tx;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes that are tried again while the database is away, so that a run that has cost minutes or money is not thrown away for a restart of PostgreSQL. What is written so
 * must do no harm when it is done twice, because an answer may be lost after the commit. Used by the thread of one run.
 */
final class Reconnecting {
    private static final Logger log = LoggerFactory.getLogger(Reconnecting.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Database database;
    private final String job;
    private final Cancellation cancellation;

    Reconnecting(Database database, String job, Cancellation cancellation) {
        this.database = database;
        this.job = job;
        this.cancellation = cancellation;
    }

    /** @throws FlowError {@code STORE_UNAVAILABLE} after some minutes, or when the run is canceled meanwhile */
    <T> T write(Function<Tx, T> work) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return database.write(work);
            } catch (FlowError away) {
                if (away.code() != Code.STORE_UNAVAILABLE || System.nanoTime() > end || cancellation.isCanceled()) {
                    throw away;
                }
                log.warn("{}: the database is away; trying again in {} ms", job, PAUSE.toMillis());
                rest();
            }
        }
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
