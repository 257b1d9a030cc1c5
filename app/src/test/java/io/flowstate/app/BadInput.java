package io.flowstate.app;

import io.flowstate.audio.ClipWriter;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.testkit.TestAudio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** A file that is wrong or odd, and what becomes of it. */
final class BadInput {
    private static final int RATE = 44_100;
    private static final long HOUR = 3600L * RATE;

    final String fileName;
    final byte[] bytes;
    final boolean allowTruncated;

    /** Empty if it is to be separated all the same. */
    final Optional<Code> refusal;

    private final String what;

    /** @param what in words */
    BadInput(String what, String fileName, byte[] bytes, boolean allowTruncated, Optional<Code> refusal) {
        this.what = what;
        this.fileName = fileName;
        this.bytes = bytes;
        this.allowTruncated = allowTruncated;
        this.refusal = refusal;
    }

    static Stream<BadInput> all() throws IOException {
        return Stream.concat(damaged(), odd());
    }

    private static Stream<BadInput> damaged() throws IOException {
        float[][] tune = TestAudio.tune(2, RATE, RATE, 1);
        byte[] flac = flac(TestAudio.noise(2, 2 * RATE, 1));
        byte[] cut = Arrays.copyOf(flac, flac.length / 3);
        byte[] poem = "Roses are red, violets are blue.\n".repeat(100).getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                refused("an empty file", "empty.mp3", new byte[0], Code.AUDIO_EMPTY),
                refused("text", "poem.mp3", poem, Code.AUDIO_UNREADABLE),
                refused("a zip file", "song.wav", new byte[] {'P', 'K', 3, 4, 20, 0}, Code.AUDIO_UNREADABLE),
                refused("a FLAC file cut off", "cut.flac", cut, Code.AUDIO_TRUNCATED),
                new BadInput("a FLAC file cut off, which is allowed", "cut.flac", cut, true, Optional.empty()),
                refused(
                        "a WAV file that claims a gigabyte",
                        "claims.wav",
                        TestAudio.wav(tune, RATE, 16).claiming(1L << 30).bytes(),
                        Code.AUDIO_TRUNCATED),
                refused(
                        "an RF64 file that claims five gigabytes",
                        "claims.wav",
                        TestAudio.wav(tune, RATE, 16).rf64().claiming(5L << 30).bytes(),
                        Code.AUDIO_TRUNCATED),
                refused(
                        "a WAV file without samples",
                        "none.wav",
                        TestAudio.wav(new float[2][0], RATE),
                        Code.AUDIO_EMPTY),
                refused("a FLAC file without samples", "none.flac", flac(new float[2][0]), Code.AUDIO_EMPTY),
                refused("a NaN", "nan.wav", with(Float.NaN), Code.AUDIO_NOT_FINITE),
                refused("an infinity", "inf.wav", with(Float.POSITIVE_INFINITY), Code.AUDIO_NOT_FINITE),
                refused(
                        "seconds that claim to be 20 hours",
                        "long.flac",
                        ConstantFlac.of(2, 20 * HOUR),
                        Code.NO_DEPLOYMENT),
                refused(
                        "seconds that claim to be 11 hours",
                        "long.flac",
                        ConstantFlac.of(2, 11 * HOUR),
                        Code.AUDIO_TRUNCATED));
    }

    private static Stream<BadInput> odd() {
        float[][] tune = TestAudio.tune(2, RATE, RATE, 1);
        long unknown = 0xFFFF_FFFFL;
        return Stream.of(
                taken(
                        "a WAV file from a pipe, which claims four gigabytes",
                        TestAudio.wav(tune, RATE, 16)
                                .claiming(unknown)
                                .claimingRiff(unknown)
                                .bytes()),
                taken("one sample", TestAudio.wav(new float[2][1], RATE)),
                taken("silence", TestAudio.wav(new float[2][RATE], RATE)),
                taken("192 kHz", TestAudio.wav(TestAudio.sines(2, 192_000, 96_000, 500), 192_000)),
                taken("6 channels", TestAudio.wav(TestAudio.sines(6, RATE, RATE, 100), RATE)),
                taken("8 bits", TestAudio.wav(tune, RATE, 8).bytes()),
                taken("64-bit floats", TestAudio.floatWav(tune, RATE, 64).bytes()));
    }

    private static BadInput refused(String what, String fileName, byte[] bytes, Code code) {
        return new BadInput(what, fileName, bytes, false, Optional.of(code));
    }

    private static BadInput taken(String what, byte[] bytes) {
        return new BadInput(what, "odd.wav", bytes, false, Optional.empty());
    }

    private static byte[] with(float sample) {
        float[][] tune = TestAudio.tune(2, RATE, RATE, 1);
        tune[1][RATE / 2] = sample;
        return TestAudio.floatWav(tune, RATE, 32).bytes();
    }

    private static byte[] flac(float[][] planar) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        AudioFormat format = new AudioFormat(Container.FLAC, Bits.PCM_16, OptionalInt.empty());
        try (ClipWriter writer = RealHouse.audio()
                .create(file, format, new Layout(RATE, 2), RATE, planar[0].length, new Cancellation())) {
            writer.write(planar, 0, planar[0].length);
            writer.finish();
        }
        return file.toByteArray();
    }

    @Override
    public String toString() {
        return what;
    }
}
