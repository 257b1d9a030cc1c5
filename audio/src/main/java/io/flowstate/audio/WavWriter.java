package io.flowstate.audio;

import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes a WAV file whose length is known before, so that every size in its header is right from the start; RF64 where RIFF's 32 bits do not suffice. */
final class WavWriter implements ClipWriter {
    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final long LARGEST_RIFF = 0xFFFF_FFFEL;
    private static final int DS64_CHUNK = 8 + 28;

    /** What follows the format tag in the GUID of an extensible format. */
    private static final byte[] GUID_TAIL = {
        0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xAA, 0, 0x38, (byte) 0x9B, 0x71
    };

    private final OutputStream to;
    private final Bits bits;
    private final Layout layout;
    private final long frames;
    private final Cancellation cancellation;
    private final FrameSink sink;
    private long written = -1;

    WavWriter(OutputStream to, Bits bits, Layout layout, long frames, Cancellation cancellation) {
        this.to = to;
        this.bits = bits;
        this.layout = layout;
        this.frames = frames;
        this.cancellation = cancellation;
        this.sink = new FrameSink(encoding(bits), layout.channels(), to::write);
    }

    static Encoding encoding(Bits bits) {
        return switch (bits) {
            case PCM_16 -> Encoding.S16;
            case PCM_24 -> Encoding.S24;
            case FLOAT_32 -> Encoding.F32;
        };
    }

    /** Bytes of a whole file. */
    static long size(Bits bits, int channels, long frames) {
        long data = dataBytes(bits, channels, frames);
        long plain = headerBytes(bits) + data + (data & 1);
        return plain - 8 > LARGEST_RIFF ? plain + DS64_CHUNK : plain;
    }

    private static long dataBytes(Bits bits, int channels, long frames) {
        return Math.multiplyExact(frames, (long) channels * encoding(bits).bytes());
    }

    private static int headerBytes(Bits bits) {
        int format = switch (bits) {
            case PCM_16 -> 16;
            case PCM_24 -> 40;
            case FLOAT_32 -> 18 + 12;
        };
        return 12 + 8 + format + 8;
    }

    @Override
    public void write(float[][] planar, int offset, int count) throws IOException {
        cancellation.throwIfCanceled();
        begin();
        if (written + count > frames) {
            throw new IllegalStateException("%d frames for a file of %d".formatted(written + count, frames));
        }
        sink.write(planar, offset, count);
        written += count;
    }

    @Override
    public void finish() throws IOException {
        cancellation.throwIfCanceled();
        begin();
        if (written != frames) {
            throw new IllegalStateException("%d frames for a file of %d".formatted(written, frames));
        }
        if ((dataBytes(bits, layout.channels(), frames) & 1) == 1) {
            to.write(0);
        }
        to.flush();
    }

    @Override
    public void close() {
        // Nothing is held: what was written is with the stream's owner.
    }

    private void begin() throws IOException {
        if (written < 0) {
            to.write(header());
            written = 0;
        }
    }

    private byte[] header() {
        long data = dataBytes(bits, layout.channels(), frames);
        long size = size(bits, layout.channels(), frames);
        boolean is64 = size - 8 > LARGEST_RIFF;
        ByteBuffer header =
                ByteBuffer.allocate(headerBytes(bits) + (is64 ? DS64_CHUNK : 0)).order(ByteOrder.LITTLE_ENDIAN);
        put(header, is64 ? "RF64" : "RIFF").putInt(is64 ? -1 : (int) (size - 8));
        put(header, "WAVE");
        if (is64) {
            put(header, "ds64")
                    .putInt(DS64_CHUNK - 8)
                    .putLong(size - 8)
                    .putLong(data)
                    .putLong(frames)
                    .putInt(0);
        }
        putFormat(header);
        put(header, "data").putInt(is64 ? -1 : (int) data);
        return header.array();
    }

    private void putFormat(ByteBuffer header) {
        int sampleBytes = encoding(bits).bytes();
        int frameBytes = layout.channels() * sampleBytes;
        int tag = switch (bits) {
            case PCM_16 -> PCM;
            case PCM_24 -> EXTENSIBLE;
            case FLOAT_32 -> FLOAT;
        };
        put(header, "fmt ")
                .putInt(bits == Bits.PCM_16 ? 16 : bits == Bits.PCM_24 ? 40 : 18)
                .putShort((short) tag)
                .putShort((short) layout.channels())
                .putInt(layout.sampleRateHz())
                .putInt(layout.sampleRateHz() * frameBytes)
                .putShort((short) frameBytes)
                .putShort((short) (sampleBytes * 8));
        if (bits == Bits.PCM_24) {
            int speakers = layout.channels() == 1 ? Downmix.FRONT_CENTER : Downmix.FRONT_LEFT | Downmix.FRONT_RIGHT;
            header.putShort((short) 22)
                    .putShort((short) 24)
                    .putInt(speakers)
                    .putShort((short) PCM)
                    .put(GUID_TAIL);
        } else if (bits == Bits.FLOAT_32) {
            put(header.putShort((short) 0), "fact").putInt(4).putInt((int) Math.min(frames, 0xFFFF_FFFFL));
        }
    }

    private static ByteBuffer put(ByteBuffer into, String fourLetters) {
        return into.put(fourLetters.getBytes(StandardCharsets.US_ASCII));
    }
}
