package io.flowstate.jobs;

import io.flowstate.storage.Database;
import java.time.Duration;

/** Ends jobs whose deadline passes in the queue, on a thread of its own: a deadline does not wait for a sweep or for a store that is slow. Any node does it, with workers or without. */
public final class Deadlines implements AutoCloseable {
    private static final Duration ROUND = Duration.ofSeconds(1);

    private final Rounds rounds;

    private Deadlines(Database database) {
        this.rounds = Rounds.start("deadlines", ROUND, () -> Jobs.endLate(database));
    }

    public static Deadlines start(Database database) {
        return new Deadlines(database);
    }

    /** Waits for a round that is under way. */
    @Override
    public void close() {
        rounds.close();
    }
}
