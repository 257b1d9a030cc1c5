package io.flowstate.audio;

/** Frames of 32-bit floats from a program's output. Used by one thread. */
final class FrameSource {
    private static final int BUFFER_FRAMES = 8192;

    private final Child child;
    private final int channels;
    private final byte[] bytes;
    private int filled;

    FrameSource(Child child, int channels) {
        this.child = child;
        this.channels = channels;
        this.bytes = new byte[BUFFER_FRAMES * channels * Float.BYTES];
    }

    /** Frames read, 1..max; -1 when the output has ended. A part of a frame at the end is dropped. */
    int read(float[][] into, int offset, int max) {
        int frameBytes = channels * Float.BYTES;
        int wanted = Math.min(bytes.length, Math.multiplyExact(Math.min(max, BUFFER_FRAMES), frameBytes));
        while (filled < frameBytes) {
            int n = child.read(bytes, filled, wanted - filled);
            if (n < 0) {
                return -1;
            }
            filled += n;
        }
        int frames = filled / frameBytes;
        Encoding.F32.decode(bytes, frames, into, offset);
        int used = frames * frameBytes;
        System.arraycopy(bytes, used, bytes, 0, filled - used);
        filled -= used;
        return frames;
    }
}
