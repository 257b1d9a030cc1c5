package io.flowstate.audio;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.testkit.TestAudio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WavWritingTest {
    private static final int RATE = 44_100;

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(Bits.class)
    void the_file_has_the_size_that_was_foretold_and_reads_back(Bits bits) {
        float[][] signal = TestAudio.noise(1, 30_001, 3);

        byte[] file = Workshop.encode(signal, RATE, Workshop.format(Container.WAV, bits));

        assertThat(AudioFiles.sizeOf(Workshop.format(Container.WAV, bits), 1, 30_001))
                .hasValue(file.length);
        assertThat(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(4))
                .isEqualTo(file.length - 8);
        Workshop.Decoded read = Workshop.decode(new Workshop(folder).input("out.wav", file));
        // Rounding to 16 bits leaves 90 dB of noise that spans ±0.5; 24 bits and floats are far beyond.
        assertThat(Workshop.snr(signal, read.planar())).isGreaterThan(90);
        assertThat(read.frames()).isEqualTo(30_001);
    }

    @ParameterizedTest
    @EnumSource(Bits.class)
    void ffmpeg_reads_what_is_written(Bits bits) {
        float[][] signal = TestAudio.noise(2, 10_000, 3);
        AudioInput input = new Workshop(folder)
                .input("out.wav", Workshop.encode(signal, RATE, Workshop.format(Container.WAV, bits)));

        var facts = new MediaProbe(Workshop.tools()).probe(input, new Cancellation());

        assertThat(facts.codec()).isEqualTo(WavWriter.encoding(bits).codec());
        assertThat(facts.duration().orElseThrow().toNanos()).isEqualTo(Math.round(10_000e9 / RATE));
    }

    @Test
    void integers_saturate_and_round_half_to_even() {
        float step = 1 / 32_768f;
        float[][] edges = {{2f, -2f, 1f, -1f, 0.5f * step, 1.5f * step, 2.5f * step, -0.5f * step, -1.5f * step}};

        byte[] file = Workshop.encode(edges, RATE, Workshop.format(Container.WAV, Bits.PCM_16));

        short[] samples = new short[9];
        ByteBuffer.wrap(file, 44, 18)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(samples);
        assertThat(samples).containsExactly(32_767, -32_768, 32_767, -32_768, 0, 2, 2, 0, -2);
    }

    @Test
    void twenty_four_bits_saturate_instead_of_wrapping() {
        byte[] file = Workshop.encode(new float[][] {{9f, -9f}}, RATE, Workshop.format(Container.WAV, Bits.PCM_24));

        assertThat(Arrays.copyOfRange(file, 68, 74)).containsExactly(0xFF, 0xFF, 0x7F, 0x00, 0x00, 0x80);
    }

    @Test
    void beyond_four_gigabytes_the_header_is_rf64_with_exact_sizes() throws IOException {
        long frames = 1_000_000_000L;
        Head head = new Head(200);
        AudioFormat format = Workshop.format(Container.WAV, Bits.PCM_24);
        try (ClipWriter writer =
                Workshop.files().create(head, format, new Layout(RATE, 2), RATE, frames, new Cancellation())) {
            writer.write(new float[2][100], 0, 100);
        }

        ByteBuffer header = ByteBuffer.wrap(head.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        long data = frames * 6;
        assertThat(new String(head.bytes(), 0, 4, US_ASCII)).isEqualTo("RF64");
        assertThat(header.getInt(4)).isEqualTo(-1);
        assertThat(header.getLong(20))
                .isEqualTo(AudioFiles.sizeOf(format, 2, frames).orElseThrow() - 8);
        assertThat(header.getLong(28)).isEqualTo(data);
        assertThat(header.getLong(36)).isEqualTo(frames);
        assertThat(header.getInt(100)).isEqualTo(-1);
        assertThat(AudioFiles.sizeOf(format, 2, frames)).hasValue(104 + data);
    }

    @Test
    void a_length_other_than_the_one_promised_is_a_fault_of_the_caller() {
        Cancellation cancellation = new Cancellation();
        ClipWriter writer = Workshop.files()
                .create(
                        OutputStream.nullOutputStream(),
                        AudioFormat.DEFAULT,
                        new Layout(RATE, 1),
                        RATE,
                        10,
                        cancellation);

        assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> writer.write(new float[1][11], 0, 11)).isInstanceOf(IllegalStateException.class);
    }

    /** Keeps the first bytes only. */
    private static final class Head extends OutputStream {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final int most;

        Head(int most) {
            this.most = most;
        }

        byte[] bytes() {
            return kept.toByteArray();
        }

        @Override
        public void write(int b) {
            if (kept.size() < most) {
                kept.write(b);
            }
        }
    }
}
