package io.flowstate.engine.demucs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Adds up one output whose stems come in different passes: holds, in a temporary file, what the passes so far gave. Used by one thread at a time. */
final class PartialSum implements AutoCloseable {
    private final FileChannel file;
    private final ByteBuffer bytes;
    private long position;

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
        position = 0;
    }

    /** Adds what is held of these frames to the block, and holds the sum. The frames come in order. */
    void add(float[][] block, int frames) throws IOException {
        int size = frames * block.length * Float.BYTES;
        bytes.clear().limit(size);
        while (bytes.hasRemaining() && file.read(bytes, position + bytes.position()) >= 0) {
            // Until all is read, or nothing is held yet.
        }
        int held = bytes.flip().remaining() / (block.length * Float.BYTES);
        for (int i = 0; i < held; i++) {
            for (float[] channel : block) {
                channel[i] += bytes.getFloat();
            }
        }
        bytes.clear();
        for (int i = 0; i < frames; i++) {
            for (float[] channel : block) {
                bytes.putFloat(channel[i]);
            }
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
            position += file.write(bytes, position);
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
