package io.flowstate.audio;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Puts a frame before an MP3 stream that says how long the music is and how much silence the encoder added at both ends, as LAME writes it into files. Without it a
 * player shows a guessed length and starts 25 ms late, and stems do not lie on their track.
 *
 * <p>The frame is a silent one of the stream's own kind with the tag "Info" where its samples would be. How much LAME adds is fixed: 576 samples before, and after them
 * as many as fill the last frame, at least 576.
 */
final class Mp3Length extends FilterOutputStream {
    private static final int HEADER = 4;
    private static final int DELAY = 576;
    private static final int HAS_FRAMES = 1;

    /** From the tag's start to the 24 bits of delay and padding: name, flags, frames, nine letters of version, twelve bytes that stay zero. */
    private static final int DELAY_AT = 4 + 4 + 4 + 9 + 12;

    private static final int[] KBPS_MPEG1 = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
    private static final int[] KBPS_MPEG2 = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};

    private final long frames;
    private final int sampleRateHz;
    private final byte[] header = new byte[HEADER];
    private int headerBytes;

    Mp3Length(OutputStream to, long frames, int sampleRateHz) {
        super(to);
        this.frames = frames;
        this.sampleRateHz = sampleRateHz;
    }

    @Override
    public void write(int b) throws IOException {
        if (headerBytes == HEADER) {
            out.write(b);
            return;
        }
        header[headerBytes++] = (byte) b;
        if (headerBytes == HEADER) {
            out.write(infoFrame());
            out.write(header);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length && headerBytes < HEADER) {
            write(bytes[offset + done]);
            done++;
        }
        out.write(bytes, offset + done, length - done);
    }

    private byte[] infoFrame() {
        boolean isMpeg1 = (header[1] >> 3 & 3) == 3;
        boolean isMono = (header[3] >> 6 & 3) == 3;
        int samples = isMpeg1 ? 1152 : 576;
        int kbps = (isMpeg1 ? KBPS_MPEG1 : KBPS_MPEG2)[header[2] >> 4 & 0xF];
        int sideInfo = isMpeg1 ? (isMono ? 17 : 32) : (isMono ? 9 : 17);

        long padding = samples - (frames + DELAY) % samples;
        padding += padding < DELAY ? samples : 0;
        byte[] frame = new byte[samples / 8 * kbps * 1000 / sampleRateHz];
        ByteBuffer tag = ByteBuffer.wrap(frame);
        // The same header, without a checksum and without the byte that evens the rate out.
        tag.put(header[0])
                .put((byte) (header[1] | 1))
                .put((byte) (header[2] & ~2))
                .put(header[3]);
        int start = HEADER + sideInfo;
        tag.position(start).put(ascii("Info")).putInt(HAS_FRAMES).putInt((int) ((frames + DELAY + padding) / samples));
        tag.put(ascii("LAME3.100"));
        int silence = (int) (DELAY << 12 | padding);
        tag.position(start + DELAY_AT).put((byte) (silence >> 16)).putShort((short) silence);
        return frame;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
