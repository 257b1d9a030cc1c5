package io.flowstate.engine.demucs;

import java.io.IOException;

/** Where the samples of one output go. Used by one thread at a time. */
interface SampleSink extends AutoCloseable {
    void write(float[][] planar, int offset, int frames) throws IOException;

    /** All samples have come. */
    void finish() throws IOException;

    /** Frees what is held; what was not finished is lost. */
    @Override
    void close();
}
