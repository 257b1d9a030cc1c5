package io.flowstate.audio;

import java.time.Duration;
import java.util.Optional;

/** Decoded audio as a stream of planar float samples, nominally -1..1. Used by one thread; {@link #close} may be called by any. */
public interface ClipReader extends AutoCloseable {
    int channels();

    int sampleRateHz();

    /**
     * Reads the next frames; blocks until there are some.
     *
     * @param into one array for each channel
     * @param offset where in those arrays the first frame goes
     * @return how many frames came, 1..max, or -1 at the end
     * @throws io.flowstate.core.FlowError {@code AUDIO_UNREADABLE}, {@code AUDIO_TRUNCATED}, or the cancellation's reason
     */
    int read(float[][] into, int offset, int max);

    /** Frames of the file itself that have been read so far, before any change of rate; after {@link #read} gave -1 that is the file's exact length. */
    long sourceFrames();

    /** How much earlier the file ended than it announces; known after {@link #read} gave -1. Empty if it is whole, or of a kind whose announcement says little. */
    Optional<Duration> missing();

    /** Ends decoding at once, kills child processes and waits for their end. */
    @Override
    void close();
}
