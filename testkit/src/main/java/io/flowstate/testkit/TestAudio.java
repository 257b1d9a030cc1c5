package io.flowstate.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Makes signals, and WAV files of every kind, the broken ones included. All of it is determined by its arguments. */
public final class TestAudio {
    private static final int TAG_PCM = 1;
    private static final int TAG_FLOAT = 3;
    private static final byte[] GUID_TAIL = {
        0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xAA, 0, 0x38, (byte) 0x9B, 0x71
    };

    private TestAudio() {}

    /** A sine of half scale in each channel: {@code hz} in the first, a fifth higher in each further one. */
    public static float[][] sines(int channels, int sampleRateHz, int frames, double hz) {
        float[][] planar = new float[channels][frames];
        for (int c = 0; c < channels; c++) {
            double step = 2 * Math.PI * hz * Math.pow(1.5, c) / sampleRateHz;
            for (int i = 0; i < frames; i++) {
                planar[c][i] = (float) (0.5 * Math.sin(step * i));
            }
        }
        return planar;
    }

    /** White noise, evenly spread over ±0.5. */
    public static float[][] noise(int channels, int frames, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] planar = new float[channels][frames];
        for (float[] channel : planar) {
            for (int i = 0; i < frames; i++) {
                channel[i] = (float) (random.nextDouble() - 0.5);
            }
        }
        return planar;
    }

    /** Music-like enough for lossy codecs: a few decaying harmonics over faint noise, the same in every channel but for the noise. */
    public static float[][] tune(int channels, int sampleRateHz, int frames, long seed) {
        float[][] planar = noise(channels, frames, seed);
        for (float[] channel : planar) {
            for (int i = 0; i < frames; i++) {
                double t = (double) i / sampleRateHz;
                double note = 220 * Math.pow(2, Math.floor(t * 4) % 5 / 12);
                double decay = Math.exp(-3 * (t * 4 % 1));
                double sound = 0;
                for (int harmonic = 1; harmonic <= 5; harmonic++) {
                    sound += Math.sin(2 * Math.PI * note * harmonic * t) / harmonic;
                }
                channel[i] = (float) (0.01 * channel[i] + 0.2 * decay * sound);
            }
        }
        return planar;
    }

    /** A WAV file of 16 bits, of the plainest kind. */
    public static byte[] wav(float[][] planar, int sampleRateHz) {
        return wav(planar, sampleRateHz, 16).bytes();
    }

    /** Begins a WAV file of 8, 16, 24 or 32 bits. */
    public static Wav wav(float[][] planar, int sampleRateHz, int bits) {
        return new Wav(planar, sampleRateHz, bits, false);
    }

    /** Begins a WAV file of 32- or 64-bit floats. */
    public static Wav floatWav(float[][] planar, int sampleRateHz, int bits) {
        return new Wav(planar, sampleRateHz, bits, true);
    }

    /** A WAV file in the making; without further orders it is a correct one. */
    public static final class Wav {
        private final float[][] planar;
        private final int sampleRateHz;
        private final int bits;
        private final boolean isFloat;
        private boolean isExtensible;
        private int speakers;
        private boolean is64;
        private long claimedBytes = -1;
        private long riffBytes = -1;
        private byte[] before = new byte[0];
        private byte[] after = new byte[0];

        private Wav(float[][] planar, int sampleRateHz, int bits, boolean isFloat) {
            this.planar = planar;
            this.sampleRateHz = sampleRateHz;
            this.bits = bits;
            this.isFloat = isFloat;
        }

        /** Uses WAVE_FORMAT_EXTENSIBLE. */
        public Wav extensible(int speakerMask) {
            this.isExtensible = true;
            this.speakers = speakerMask;
            return this;
        }

        /** Uses RF64 with a ds64 chunk, however short the file. */
        public Wav rf64() {
            this.is64 = true;
            return this;
        }

        /** Lies about the size of the samples. */
        public Wav claiming(long dataBytes) {
            this.claimedBytes = dataBytes;
            return this;
        }

        /** Lies about the size of the file. */
        public Wav claimingRiff(long bytes) {
            this.riffBytes = bytes;
            return this;
        }

        /** Puts a chunk before the samples, padded to an even length. */
        public Wav with(String chunk, byte[] content) {
            before = join(before, chunk(chunk, content, content.length % 2));
            return this;
        }

        /** Puts a chunk before the samples, and forgets the padding of an odd length. */
        public Wav withUnpadded(String chunk, byte[] content) {
            before = join(before, chunk(chunk, content, 0));
            return this;
        }

        /** Puts bytes after the samples. */
        public Wav followedBy(byte[] bytes) {
            after = bytes;
            return this;
        }

        public byte[] bytes() {
            byte[] samples = samples();
            long claimed = claimedBytes >= 0 ? claimedBytes : samples.length;
            byte[] head = join(chunk("fmt ", format(), 0), before);
            int size = 4 + (is64 ? 36 : 0) + head.length + 8 + samples.length + samples.length % 2 + after.length;
            byte[] bytes = new byte[8 + size];
            ByteBuffer file = little(bytes);
            file.put(ascii(is64 ? "RF64" : "RIFF")).putInt(is64 ? -1 : (int) (riffBytes >= 0 ? riffBytes : size));
            file.put(ascii("WAVE"));
            if (is64) {
                file.put(ascii("ds64"))
                        .putInt(28)
                        .putLong(size)
                        .putLong(claimed)
                        .putLong(0)
                        .putInt(0);
            }
            file.put(head).put(ascii("data")).putInt(is64 ? -1 : (int) claimed).put(samples);
            file.position(file.position() + samples.length % 2).put(after);
            return bytes;
        }

        private byte[] format() {
            int frameBytes = planar.length * bits / 8;
            int tag = isFloat ? TAG_FLOAT : TAG_PCM;
            byte[] bytes = new byte[isExtensible ? 40 : 16];
            ByteBuffer format = little(bytes);
            format.putShort((short) (isExtensible ? 0xFFFE : tag)).putShort((short) planar.length);
            format.putInt(sampleRateHz).putInt(sampleRateHz * frameBytes);
            format.putShort((short) frameBytes).putShort((short) bits);
            if (isExtensible) {
                format.putShort((short) 22)
                        .putShort((short) bits)
                        .putInt(speakers)
                        .putShort((short) tag)
                        .put(GUID_TAIL);
            }
            return bytes;
        }

        private byte[] samples() {
            int frames = planar[0].length;
            byte[] bytes = new byte[frames * planar.length * bits / 8];
            ByteBuffer samples = little(bytes);
            for (int i = 0; i < frames; i++) {
                for (float[] channel : planar) {
                    put(samples, channel[i]);
                }
            }
            return bytes;
        }

        private void put(ByteBuffer into, float sample) {
            if (isFloat) {
                if (bits == 32) {
                    into.putFloat(sample);
                } else {
                    into.putDouble(sample);
                }
                return;
            }
            double scale = Math.pow(2, bits - 1);
            long value = (long) Math.clamp(Math.rint(sample * scale), -scale, scale - 1);
            switch (bits) {
                case 8 -> into.put((byte) (value + 128));
                case 16 -> into.putShort((short) value);
                case 24 -> into.putShort((short) value).put((byte) (value >> 16));
                case 32 -> into.putInt((int) value);
                default -> throw new IllegalArgumentException(bits + " bits");
            }
        }
    }

    private static byte[] chunk(String name, byte[] content, int padding) {
        byte[] chunk = new byte[8 + content.length + padding];
        little(chunk).put(ascii(name)).putInt(content.length).put(content);
        return chunk;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }
}
