package io.flowstate.audio;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes the number of frames into the head of a FLAC stream. An encoder on a pipe leaves it at zero, "unknown", and players then show no length. */
final class FlacLength extends FilterOutputStream {
    /** Where STREAMINFO has its 36 bits: the lower half of this byte and the four that follow. */
    private static final int AT = 4 + 4 + 13;

    private static final long LARGEST = (1L << 36) - 1;

    private final long frames;
    private long position;

    FlacLength(OutputStream to, long frames) {
        super(to);
        this.frames = frames <= LARGEST ? frames : 0;
    }

    @Override
    public void write(int b) throws IOException {
        long place = position - AT;
        int patched = place < 0 || place > 4 ? b : b | (int) (frames >>> (8 * (4 - place)) & 0xFF);
        position++;
        out.write(patched);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length && position < AT + 5) {
            write(bytes[offset + done]);
            done++;
        }
        out.write(bytes, offset + done, length - done);
        position += length - done;
    }
}
