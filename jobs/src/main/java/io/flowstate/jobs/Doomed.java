package io.flowstate.jobs;

import io.flowstate.core.FlowError;
import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes blobs that were given up, and then what is known of them. Thread-safe. */
final class Doomed {
    private static final Logger log = LoggerFactory.getLogger(Doomed.class);

    private final Database database;
    private final BlobStore blobs;

    Doomed(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /** @throws IOException if the store refuses one; it and those after it stay given up */
    void remove(List<BlobTable.GivenUp> some) throws IOException {
        for (BlobTable.GivenUp blob : some) {
            delete(blob);
            database.change(tx -> BlobTable.strikeOut(tx, blob.key()));
        }
    }

    private void delete(BlobTable.GivenUp blob) throws IOException {
        if (blob.inStore()) {
            blobs.delete(blob.key());
        }
    }

    /** Removes at once what nobody writes any more. What does not go now goes with the next sweep. */
    void tryToRemove(List<BlobTable.GivenUp> some) {
        try {
            remove(some);
        } catch (IOException | FlowError refused) {
            log.debug("blobs are left to the sweeper: {}", refused.toString());
        }
    }

    /** Takes bytes away that somebody may still be writing to. The keys stay, for the sweeper to look at what has come meanwhile. */
    void tryToEmpty(List<BlobTable.GivenUp> some) {
        try {
            for (BlobTable.GivenUp blob : some) {
                delete(blob);
            }
        } catch (IOException refused) {
            log.debug("blobs are left to the sweeper: {}", refused.toString());
        }
    }
}
