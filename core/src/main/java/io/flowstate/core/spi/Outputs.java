package io.flowstate.core.spi;

import io.flowstate.core.AudioFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Where a run's encoded results go, as they are made. Whoever owns the outputs publishes or drops them when the gateway has answered;
 * a provider only opens, writes and closes.
 */
public interface Outputs {
    /**
     * One result file.
     *
     * @param name e.g. {@code vocals}; unique within a run, without extension
     * @param sizeBytes exact size when it is known before the first byte
     */
    record Description(String name, AudioFormat format, OptionalLong sizeBytes) {}

    /**
     * Hears that the input ended too early and is used as it is, before the first output is opened: who answers while the outputs are made has to say so ahead.
     *
     * @param missing see {@link io.flowstate.core.StemsResult#missing}
     */
    default void incomplete(Duration missing) {}

    /** The streams of a run may be written in turns by one thread; each is closed once. */
    OutputStream open(Description description) throws IOException;

    /** Drops what was written, so that another attempt can start afresh; false when some of it has already left. */
    boolean discard();
}
