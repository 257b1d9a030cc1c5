package io.flowstate.storage.blob;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/** A range of a blob's file: exactly as many bytes as were there when it was opened, or a failure. Used by one thread. */
final class DiskRead extends InputStream {
    private final FileChannel channel;
    private final String key;
    private long left;

    /** @param channel at the range's first byte; closed with the stream */
    DiskRead(FileChannel channel, long bytes, String key) {
        this.channel = channel;
        this.left = bytes;
        this.key = key;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int got = channel.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, left)));
        if (got < 0) {
            throw new EOFException("%s was cut short by others: %d bytes are missing".formatted(key, left));
        }
        left -= got;
        return got;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long skipped = Math.clamp(bytes, 0, left);
        channel.position(channel.position() + skipped);
        left -= skipped;
        return skipped;
    }

    @Override
    public int available() {
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
