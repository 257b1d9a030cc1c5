package io.flowstate.audio;

import java.io.IOException;

/** Frames as interleaved bytes to wherever bytes go. Used by one thread. */
final class FrameSink {
    private static final int BUFFER_FRAMES = 8192;

    @FunctionalInterface
    interface Bytes {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    private final Encoding encoding;
    private final byte[] buffer;
    private final Bytes to;

    FrameSink(Encoding encoding, int channels, Bytes to) {
        this.encoding = encoding;
        this.buffer = new byte[BUFFER_FRAMES * channels * encoding.bytes()];
        this.to = to;
    }

    void write(float[][] planar, int offset, int frames) throws IOException {
        for (int done = 0; done < frames; done += BUFFER_FRAMES) {
            int n = Math.min(BUFFER_FRAMES, frames - done);
            encoding.encode(planar, offset + done, n, buffer);
            to.write(buffer, 0, n * planar.length * encoding.bytes());
        }
    }
}
