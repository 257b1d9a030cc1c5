package io.flowstate.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the samples of a WAV file lie and how they are written. Knows RIFF, and RF64/BW64 for files past 4 GiB.
 *
 * @param speakers Microsoft's channel mask; 0 when the file has none
 * @param dataStart offset of the first sample in the file
 * @param dataBytes bytes of samples that are in the file
 * @param announcedBytes bytes of samples that the header promises; equal to {@code dataBytes} when the file does not know its own length, as those written
 *     to a pipe do not
 */
record WavHeader(
        Encoding encoding,
        int channels,
        int sampleRateHz,
        int speakers,
        long dataStart,
        long dataBytes,
        long announcedBytes) {
    private static final int TAG_PCM = 1;
    private static final int TAG_FLOAT = 3;
    private static final int TAG_EXTENSIBLE = 0xFFFE;

    private static final long IN_DS64 = 0xFFFF_FFFFL;

    /** Programs that cannot go back to correct a size write the largest they know, 2 or 4 GiB, give or take a header and a block or page. */
    private static final long ABOUT = 1 << 16;

    /** More chunks than any program writes, so that a made-up file cannot keep us walking. */
    private static final int MOST_CHUNKS = 4096;

    int frameBytes() {
        return channels * encoding.bytes();
    }

    long frames() {
        return dataBytes / frameBytes();
    }

    long announcedFrames() {
        return announcedBytes / frameBytes();
    }

    /** Empty if this is no WAV file, or one of a kind that is left to ffmpeg (compressed, or damaged before the samples). */
    static Optional<WavHeader> read(FileChannel file) throws IOException {
        ByteBuffer head = bytes(file, 0, 12);
        if (head.remaining() < 12 || !text(head, 8).equals("WAVE")) {
            return Optional.empty();
        }
        String kind = text(head, 0);
        return switch (kind) {
            case "RIFF", "RF64", "BW64" -> new Walk(file, head.getInt(4) & IN_DS64, !kind.equals("RIFF")).find();
            default -> Optional.empty();
        };
    }

    /** Steps from chunk to chunk until the samples. */
    private static final class Walk {
        private final FileChannel file;
        private final long riffBytes;
        private final boolean is64;
        private long bytesOfDs64 = IN_DS64;
        private @Nullable Format format;

        Walk(FileChannel file, long riffBytes, boolean is64) {
            this.file = file;
            this.riffBytes = riffBytes;
            this.is64 = is64;
        }

        Optional<WavHeader> find() throws IOException {
            long at = 12;
            for (int i = 0; i < MOST_CHUNKS; i++) {
                ByteBuffer chunk = bytes(file, at, 8 + 40);
                if (chunk.remaining() < 8) {
                    return Optional.empty();
                }
                long size = chunk.getInt(4) & IN_DS64;
                switch (text(chunk, 0)) {
                    case "data" -> {
                        return withData(at + 8, size);
                    }
                    case "fmt " -> format = Format.of(chunk, size);
                    case "ds64" -> bytesOfDs64 = chunk.remaining() >= 24 ? chunk.getLong(16) : IN_DS64;
                    default -> {}
                }
                at = next(at + 8 + size, size);
            }
            return Optional.empty();
        }

        /** Chunks begin at even offsets; some programs forget the byte between, which would be zero. */
        private long next(long end, long size) throws IOException {
            if ((size & 1) == 0) {
                return end;
            }
            ByteBuffer pad = bytes(file, end, 1);
            return pad.hasRemaining() && pad.get(0) != 0 ? end : end + 1;
        }

        private Optional<WavHeader> withData(long start, long size) throws IOException {
            if (format == null) {
                return Optional.empty();
            }
            long present = Math.max(0, file.size() - start);
            long promised = is64 && size == IN_DS64 ? bytesOfDs64 : size;
            long announced = isUnknown(promised, present) ? present : promised;
            return Optional.of(new WavHeader(
                    format.encoding,
                    format.channels,
                    format.sampleRateHz,
                    format.speakers,
                    start,
                    Math.min(present, announced),
                    announced));
        }

        private boolean isUnknown(long promised, long present) throws IOException {
            if (promised == 0) {
                // An honest file without samples has a RIFF size that fits; one whose writer died or had no way back
                // has not.
                return riffBytes + 8 < file.size() || isPlaceholder(riffBytes);
            }
            boolean isDefinite64 = is64 && promised == bytesOfDs64 && promised != IN_DS64;
            return promised < 0 || (promised > present && isPlaceholder(promised) && !isDefinite64);
        }

        /** A file of just about 2 or 4 GiB that was cut looks the same, and is taken for whole; of any other size it is known to be cut. */
        private static boolean isPlaceholder(long size) {
            return Math.abs(size - (1L << 31)) <= ABOUT || size >= (1L << 32) - ABOUT;
        }
    }

    private record Format(Encoding encoding, int channels, int sampleRateHz, int speakers) {
        /** Null for what ffmpeg has to read. */
        static @Nullable Format of(ByteBuffer chunk, long size) {
            if (size < 16 || chunk.remaining() < 8 + 16) {
                return null;
            }
            int tag = chunk.getShort(8) & 0xFFFF;
            int channels = chunk.getShort(10) & 0xFFFF;
            int rate = chunk.getInt(12);
            int frameBytes = chunk.getShort(20) & 0xFFFF;
            int bits = chunk.getShort(22) & 0xFFFF;
            int speakers = 0;
            if (tag == TAG_EXTENSIBLE && size >= 40 && chunk.remaining() >= 8 + 40) {
                speakers = chunk.getInt(28);
                tag = chunk.getShort(32) & 0xFFFF;
            }
            Encoding encoding =
                    channels == 0 || frameBytes % channels != 0 ? null : encoding(tag, frameBytes / channels, bits);
            boolean isUsual = channels <= 64 && rate >= 1_000 && rate <= 768_000;
            return encoding == null || !isUsual ? null : new Format(encoding, channels, rate, speakers);
        }

        /** Samples of, say, 20 bits lie in the upper bits of the next larger container, so that the container is what counts. */
        private static @Nullable Encoding encoding(int tag, int bytes, int bits) {
            if ((bits + 7) / 8 != bytes) {
                return null;
            }
            return switch (tag) {
                case TAG_PCM ->
                    switch (bytes) {
                        case 1 -> Encoding.U8;
                        case 2 -> Encoding.S16;
                        case 3 -> Encoding.S24;
                        case 4 -> Encoding.S32;
                        default -> null;
                    };
                case TAG_FLOAT ->
                    switch (bytes) {
                        case 4 -> Encoding.F32;
                        case 8 -> Encoding.F64;
                        default -> null;
                    };
                default -> null;
            };
        }
    }

    private static ByteBuffer bytes(FileChannel file, long at, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            int n = file.read(buffer, at + buffer.position());
            if (n < 0) {
                break;
            }
        }
        return buffer.flip();
    }

    private static String text(ByteBuffer from, int at) {
        return StandardCharsets.ISO_8859_1.decode(from.slice(at, 4)).toString();
    }
}
