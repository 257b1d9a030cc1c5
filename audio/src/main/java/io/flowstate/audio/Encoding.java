package io.flowstate.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How one sample lies in a byte stream, little-endian. Integers span -1..1 as WAV has it: full scale is 2^(bits-1), 8 bits are unsigned. */
enum Encoding {
    U8(1, "pcm_u8"),
    S16(2, "pcm_s16le"),
    S24(3, "pcm_s24le"),
    S32(4, "pcm_s32le"),
    F32(4, "pcm_f32le"),
    F64(8, "pcm_f64le");

    private final int bytes;
    private final String codec;

    Encoding(int bytes, String codec) {
        this.bytes = bytes;
        this.codec = codec;
    }

    int bytes() {
        return bytes;
    }

    /** The name that ffmpeg has for it. */
    String codec() {
        return codec;
    }

    /** ffmpeg's name for the bare stream. */
    String demuxer() {
        return codec.substring("pcm_".length());
    }

    /** Takes interleaved frames from the start of {@code from} apart. */
    void decode(byte[] from, int frames, float[][] into, int offset) {
        ByteBuffer bytesIn = ByteBuffer.wrap(from).order(ByteOrder.LITTLE_ENDIAN);
        int channels = into.length;
        for (int c = 0; c < channels; c++) {
            float[] channel = into[c];
            for (int i = 0, at = c * bytes; i < frames; i++, at += channels * bytes) {
                channel[offset + i] = sample(bytesIn, at);
            }
        }
    }

    private float sample(ByteBuffer from, int at) {
        return switch (this) {
            case U8 -> ((from.get(at) & 0xFF) - 128) / 128f;
            case S16 -> from.getShort(at) / 32_768f;
            case S24 -> ((from.getShort(at) & 0xFFFF) | from.get(at + 2) << 16) / 8_388_608f;
            case S32 -> (float) (from.getInt(at) / 2_147_483_648.0);
            case F32 -> from.getFloat(at);
            case F64 -> (float) from.getDouble(at);
        };
    }

    /**
     * Interleaves frames to the start of {@code into}. Integers are rounded half to even and saturate.
     *
     * @throws UnsupportedOperationException for the encodings that are never written
     */
    void encode(float[][] from, int offset, int frames, byte[] into) {
        ByteBuffer bytesOut = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
        int channels = from.length;
        for (int c = 0; c < channels; c++) {
            float[] channel = from[c];
            for (int i = 0, at = c * bytes; i < frames; i++, at += channels * bytes) {
                put(bytesOut, at, channel[offset + i]);
            }
        }
    }

    private void put(ByteBuffer into, int at, float sample) {
        switch (this) {
            case S16 -> into.putShort(at, (short) Math.clamp(Math.rint(sample * 32_768.0), -32_768, 32_767));
            case S24 -> {
                int value = (int) Math.clamp(Math.rint(sample * 8_388_608.0), -8_388_608, 8_388_607);
                into.putShort(at, (short) value);
                into.put(at + 2, (byte) (value >> 16));
            }
            case F32 -> into.putFloat(at, sample);
            case U8, S32, F64 -> throw new UnsupportedOperationException(this + " is only read");
        }
    }
}
