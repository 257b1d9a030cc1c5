package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.spi.Progress;
import java.time.Duration;

/** Where tracks are separated: in this process or on a server. Used by one thread. */
interface Separator extends AutoCloseable {
    /**
     * Separates one track into its outputs, which the caller publishes. Blocks.
     *
     * @throws io.flowstate.core.FlowError if it did not succeed; the cancellation's reason if that was it
     */
    Separated separate(Track track, TrackOutputs outputs, Progress.Listener progress, Cancellation cancellation);

    /** How long it may take to end after a signal. */
    Duration grace();

    /** Gives up what is still under way. */
    @Override
    void close();
}
