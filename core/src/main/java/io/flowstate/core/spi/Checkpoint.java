package io.flowstate.core.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a run leaves for the attempt that goes on where it was cut off: the id of a remote prediction, or how far a separation is, and what it had made so far. Saving costs
 * a write to durable storage. Used by one thread at a time.
 */
public interface Checkpoint {
    /**
     * A state from which a run can go on.
     *
     * @param token the provider's own words
     * @param parts what else belongs to it, in the provider's order
     */
    record Saved(String token, List<String> parts) {
        public Saved {
            parts = List.copyOf(parts);
        }
    }

    /** Some bytes of a state; only what has been committed can be part of one. */
    abstract class Part extends OutputStream {
        public abstract String name();

        /** Makes the bytes durable; called at most once. Closing without it drops them. */
        public abstract void commit() throws IOException;
    }

    /** How long a run should work between two states. */
    Duration interval();

    /** What was saved last, by this attempt or an earlier one. */
    Optional<Saved> last();

    Part begin() throws IOException;

    InputStream read(String part) throws IOException;

    /** Replaces what was saved; durable when it returns. Parts that the new state does not name are dropped. */
    void save(Saved state);

    /** The same for one deployment: what was saved on another means nothing there. */
    Checkpoint on(String deployment);

    /** For runs that nobody goes on with: nothing is ever due, saved or found. */
    Checkpoint NONE = new Checkpoint() {
        @Override
        public Duration interval() {
            return Duration.ofDays(365_000);
        }

        @Override
        public Optional<Saved> last() {
            return Optional.empty();
        }

        @Override
        public Part begin() {
            throw new UnsupportedOperationException("nothing is due here");
        }

        @Override
        public InputStream read(String part) {
            throw new UnsupportedOperationException("nothing was saved here");
        }

        @Override
        public void save(Saved state) {}

        @Override
        public Checkpoint on(String deployment) {
            return this;
        }
    };
}
