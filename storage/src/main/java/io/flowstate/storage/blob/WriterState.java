package io.flowstate.storage.blob;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Whether a writer may still write and commit. A blob of which one write failed is never committed, even if the one who wrote did not look. */
final class WriterState {
    /** What a store does. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private boolean ended;
    private boolean settled;
    private @Nullable IOException failure;

    void write(Step step) throws IOException {
        if (ended) {
            throw new IOException("the blob's writer is closed");
        }
        requireWhole();
        try {
            step.run();
        } catch (IOException failed) {
            failure = failed;
            throw failed;
        }
    }

    void commit(Step step) throws IOException {
        if (ended) {
            throw new IllegalStateException("the blob's writer was committed or closed before");
        }
        ended = true;
        requireWhole();
        step.run();
        settled = true;
    }

    /** Whether there is anything to clear away: not after a commit, and not a second time. */
    boolean close() {
        boolean leftovers = !settled;
        ended = true;
        settled = true;
        return leftovers;
    }

    private void requireWhole() throws IOException {
        if (failure != null) {
            throw new IOException("a part of the blob could not be written: " + failure.getMessage(), failure);
        }
    }
}
