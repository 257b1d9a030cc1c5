package io.flowstate.engine.demucs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Adds up one output whose stems come in different passes: holds, in a temporary file, what the passes so far gave. The frames of a pass come in order. Used by one thread at a time. */
final class PartialSum implements AutoCloseable {
    private final FileChannel file;
    private final ByteBuffer bytes;
    private long read;
    private long written;

    /**
     * @param folder with room for 8 bytes a frame
     * @param block the most frames that are added at once
     */
    PartialSum(Path folder, int block) throws IOException {
        file = SampleSpool.unnamedFile(folder);
        bytes = ByteBuffer.allocateDirect(block * HtDemucs.CHANNELS * Float.BYTES);
    }

    /** The next pass begins at the first frame again. */
    void rewind() {
        read = 0;
        written = 0;
    }

    /** Adds what is held of the next frames to the block: nothing in the first pass. */
    void addTo(float[][] block, int frames) throws IOException {
        bytes.clear().limit(frames * block.length * Float.BYTES);
        while (bytes.hasRemaining() && file.read(bytes, read + bytes.position()) >= 0) {
            // Until all is read, or nothing is held yet.
        }
        read += bytes.limit();
        int held = bytes.flip().remaining() / (block.length * Float.BYTES);
        for (int i = 0; i < held; i++) {
            for (float[] channel : block) {
                channel[i] += bytes.getFloat();
            }
        }
    }

    /** Holds the next frames, in place of what was held of them, for a later pass. */
    void hold(float[][] block, int frames) throws IOException {
        bytes.clear();
        for (int i = 0; i < frames; i++) {
            for (float[] channel : block) {
                bytes.putFloat(channel[i]);
            }
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
            written += file.write(bytes, written);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException lost) {
            throw new UncheckedIOException(lost);
        }
    }
}
