package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import java.io.IOException;

/** A store that stops a node while it writes an output. */
final class StoppingBlobs extends RemoteBlobs {
    private static final int HALF = SlowProvider.OUTPUT_BYTES / 2;

    private final Stop stop;

    StoppingBlobs(BlobStore store, Stop stop) {
        super(store);
        this.stop = stop;
    }

    @Override
    public Writer create(String key) throws IOException {
        Writer writer = super.create(key);
        return key.endsWith("/vocals/0") ? new Stopping(writer) : writer;
    }

    private final class Stopping extends Writer {
        private final Writer writer;
        private int written;

        Stopping(Writer writer) {
            this.writer = writer;
        }

        @Override
        public void write(int single) throws IOException {
            writer.write(single);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writer.write(bytes, offset, length);
            written += length;
            if (written >= HALF) {
                stop.at(Moment.WRITING);
            }
        }

        @Override
        public void commit() throws IOException {
            writer.commit();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
