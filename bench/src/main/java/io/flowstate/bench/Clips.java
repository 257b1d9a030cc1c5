package io.flowstate.bench;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.ClipReader;
import io.flowstate.audio.ClipWriter;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;

/** Whole clips for measurements: 44.1 kHz, two channels, planar, short enough for memory. */
final class Clips {
    static final int RATE_HZ = 44_100;
    private static final Layout LAYOUT = new Layout(RATE_HZ, 2);
    private static final int BLOCK = 1 << 14;

    private Clips() {}

    static float[][] read(AudioFiles audio, Path file) {
        AudioInput input = new AudioInput(String.valueOf(file.getFileName()), file);
        Cancellation cancellation = new Cancellation();
        float[][] samples = new float[2][RATE_HZ];
        int length = 0;
        try (ClipReader reader = audio.open(input, audio.probe(input, cancellation), LAYOUT, false, cancellation)) {
            while (true) {
                if (length + BLOCK > samples[0].length) {
                    samples[0] = Arrays.copyOf(samples[0], 2 * samples[0].length);
                    samples[1] = Arrays.copyOf(samples[1], 2 * samples[1].length);
                }
                int got = reader.read(samples, length, BLOCK);
                if (got < 0) {
                    return new float[][] {Arrays.copyOf(samples[0], length), Arrays.copyOf(samples[1], length)};
                }
                length += got;
            }
        }
    }

    /** Writes a 16-bit WAV of {@code frames} frames: the clip, again and again if it is shorter. */
    static Path write(AudioFiles audio, float[][] clip, long frames, Path wav) throws IOException {
        AudioFormat format = new AudioFormat(Container.WAV, Bits.PCM_16, OptionalInt.empty());
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(wav), 1 << 16);
                ClipWriter writer = audio.create(out, format, LAYOUT, RATE_HZ, frames, new Cancellation())) {
            long left = frames;
            while (left > 0) {
                int count = (int) Math.min(left, clip[0].length);
                writer.write(clip, 0, count);
                left -= count;
            }
            writer.finish();
        }
        return wav;
    }

    /** Signal to distortion over both channels: 10·log10(Σ truth² / Σ (truth − estimate)²), in dB. A shorter estimate is silent at its end. */
    static double sdr(float[][] truth, float[][] estimate) {
        double signal = 0;
        double distortion = 0;
        for (int channel = 0; channel < truth.length; channel++) {
            for (int i = 0; i < truth[channel].length; i++) {
                double wanted = truth[channel][i];
                double off = wanted - (i < estimate[channel].length ? estimate[channel][i] : 0);
                signal += wanted * wanted;
                distortion += off * off;
            }
        }
        return 10 * Math.log10(signal / distortion);
    }
}
