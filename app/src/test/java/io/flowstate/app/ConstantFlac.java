package io.flowstate.app;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** FLAC streams of silence in which fifteen bytes stand for a second and a half: the smallest file that decodes to the most. Format: RFC 9639. */
final class ConstantFlac {
    private static final int BLOCK = 65_535;
    private static final int SAMPLE_RATE_HZ = 44_100;

    private ConstantFlac() {}

    /**
     * One channel at 44.1 kHz.
     *
     * @param blocks of 65,535 samples, fewer than 50,000
     * @param announced samples that the head tells of; 0 tells nothing
     */
    static byte[] of(int blocks, long announced) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("fLaC".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(ByteBuffer.allocate(4 + 34)
                .putInt(0x8000_0022)
                .putShort((short) BLOCK)
                .putShort((short) BLOCK)
                .put(new byte[6])
                // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples
                .putLong((long) SAMPLE_RATE_HZ << 44 | 15L << 36 | announced)
                .array());
        for (int i = 0; i < blocks; i++) {
            file.writeBytes(frame(i));
        }
        return file.toByteArray();
    }

    private static byte[] frame(int number) {
        byte[] coded = Character.toString(number).getBytes(StandardCharsets.UTF_8);
        int head = 4 + coded.length + 2;
        ByteBuffer frame = ByteBuffer.allocate(head + 1 + 3 + 2)
                // sync, fixed blocks; block size below, rate of the head; mono, 16 bits
                .put(new byte[] {(byte) 0xFF, (byte) 0xF8, 0x70, 0x08})
                .put(coded)
                .putShort((short) (BLOCK - 1));
        frame.put((byte) crc(frame.array(), head, 8, 0x07));
        // one subframe: constant, zero
        frame.put(new byte[3]);
        frame.putShort((short) crc(frame.array(), head + 1 + 3, 16, 0x8005));
        return frame.array();
    }

    private static int crc(byte[] bytes, int length, int bits, int polynomial) {
        int top = 1 << (bits - 1);
        int rest = 0;
        for (int i = 0; i < length; i++) {
            rest ^= (bytes[i] & 0xFF) << (bits - 8);
            for (int bit = 0; bit < 8; bit++) {
                rest = (rest & top) == 0 ? rest << 1 : rest << 1 ^ polynomial;
            }
        }
        return rest & (2 * top - 1);
    }
}
