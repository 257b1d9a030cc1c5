package io.flowstate.audio;

import java.io.IOException;

/** Takes planar float samples and writes an encoded file to a stream as they come. Used by one thread; {@link #close} may be called by any. */
public interface ClipWriter extends AutoCloseable {
    /** @throws IOException if the target stream refuses the bytes */
    void write(float[][] planar, int offset, int frames) throws IOException;

    /** Ends the file, so that it is complete. The target stream is flushed but stays open. */
    void finish() throws IOException;

    /** Gives up what is unfinished, kills child processes and waits for their end; does nothing after {@link #finish}. Never closes the target stream. */
    @Override
    void close();
}
