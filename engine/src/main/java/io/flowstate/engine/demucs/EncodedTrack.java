package io.flowstate.engine.demucs;

import io.flowstate.audio.ClipWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Encodes the samples of one output to its stream as they come, and closes the stream, once. */
final class EncodedTrack implements SampleSink {
    private final ClipWriter writer;
    private final OutputStream stream;
    private boolean closed;

    EncodedTrack(ClipWriter writer, OutputStream stream) {
        this.writer = writer;
        this.stream = stream;
    }

    @Override
    public void write(float[][] planar, int offset, int frames) throws IOException {
        writer.write(planar, offset, frames);
    }

    @Override
    public void finish() throws IOException {
        writer.finish();
        closed = true;
        stream.close();
    }

    @Override
    public void close() {
        writer.close();
        if (!closed) {
            closed = true;
            try {
                stream.close();
            } catch (IOException lost) {
                throw new UncheckedIOException(lost);
            }
        }
    }
}
