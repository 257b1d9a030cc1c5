package io.flowstate.engine.demucs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps the samples of one output in a temporary file until the gain of the whole track is known. The file has no name, so that the system frees it
 * however this process ends. */
final class SampleSpool implements SampleSink {
    private final FileChannel file;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 17);
    private float peak;

    /** @param folder with room for 8 bytes a frame */
    SampleSpool(Path folder) throws IOException {
        file = unnamedFile(folder);
    }

    /** An empty file that is gone when it is closed, or when this process ends. */
    static FileChannel unnamedFile(Path folder) throws IOException {
        Path path = Files.createTempFile(Files.createDirectories(folder), "flowstate-stem-", ".f32");
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(path);
        return file;
    }

    /** The largest magnitude that has been written. */
    float peak() {
        return peak;
    }

    @Override
    public void write(float[][] planar, int offset, int frames) throws IOException {
        for (int i = offset; i < offset + frames; i++) {
            for (float[] channel : planar) {
                peak = Math.max(peak, Math.abs(channel[i]));
                bytes.putFloat(channel[i]);
            }
            if (!bytes.hasRemaining()) {
                flush();
            }
        }
    }

    /** Hands everything to another sink, multiplied; {@code block} is scratch with one array for each channel. */
    void replay(float gain, float[][] block, SampleSink into) throws IOException {
        file.position(0);
        bytes.clear();
        while (file.read(bytes) >= 0 || bytes.position() > 0) {
            bytes.flip();
            int frames = Math.min(block[0].length, bytes.remaining() / (Float.BYTES * block.length));
            for (int i = 0; i < frames; i++) {
                for (float[] channel : block) {
                    channel[i] = gain * bytes.getFloat();
                }
            }
            bytes.compact();
            into.write(block, 0, frames);
        }
    }

    @Override
    public void finish() throws IOException {
        flush();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException lost) {
            throw new UncheckedIOException(lost);
        }
    }

    private void flush() throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
        bytes.clear();
    }
}
