package io.flowstate.jobs;

import java.io.IOException;
import java.util.Optional;

/**
 * Notices what the store for files refuses to take from an attempt. The provider, through whose hands it goes, only tells that something could not be written, which would be
 * the job's own failure. Used by the thread of the run.
 */
final class StoreWatch {
    private Optional<IOException> refused = Optional.empty();

    /** Something that is done with the store. */
    interface Work {
        void run() throws IOException;
    }

    /** The same, with a result. */
    interface Call<T> {
        T run() throws IOException;
    }

    void run(Work work) throws IOException {
        try {
            work.run();
        } catch (IOException told) {
            refused = Optional.of(told);
            throw told;
        }
    }

    <T> T call(Call<T> work) throws IOException {
        try {
            return work.run();
        } catch (IOException told) {
            refused = Optional.of(told);
            throw told;
        }
    }

    /** What the store said, the last time that it refused something. */
    Optional<IOException> refused() {
        return refused;
    }
}
