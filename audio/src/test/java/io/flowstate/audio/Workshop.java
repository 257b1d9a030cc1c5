package io.flowstate.audio;

import static java.util.Objects.requireNonNull;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** What these tests do again and again: put bytes into files, read them whole, make files of samples, and compare. */
record Workshop(Path folder) {
    static FfmpegTools tools() {
        return FfmpegTools.in(Path.of(requireNonNull(System.getProperty("flowstate.natives")), "ffmpeg"));
    }

    static AudioFiles files() {
        return new AudioFiles(tools());
    }

    static AudioFormat format(Container container) {
        return format(container, Bits.PCM_16);
    }

    static AudioFormat format(Container container, Bits bits) {
        return new AudioFormat(container, bits, OptionalInt.empty());
    }

    AudioInput input(String name, byte[] bytes) {
        try {
            return new AudioInput(name, Files.write(folder.resolve(name), bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file read to its end. */
    static final class Decoded {
        private final AudioFacts facts;
        private final float[][] planar;
        private final long sourceFrames;
        private final Optional<Duration> missing;

        Decoded(AudioFacts facts, float[][] planar, long sourceFrames, Optional<Duration> missing) {
            this.facts = facts;
            this.planar = planar;
            this.sourceFrames = sourceFrames;
            this.missing = missing;
        }

        AudioFacts facts() {
            return facts;
        }

        float[][] planar() {
            return planar;
        }

        int frames() {
            return planar[0].length;
        }

        long sourceFrames() {
            return sourceFrames;
        }

        Optional<Duration> missing() {
            return missing;
        }
    }

    /** Reads at the file's own rate, in one or two channels. */
    static Decoded decode(AudioInput input) {
        AudioFacts facts = files().probe(input, new Cancellation());
        return decode(input, new Layout(facts.sampleRateHz(), Math.min(2, facts.channels())), false);
    }

    static Decoded decode(AudioInput input, Layout wanted, boolean allowTruncated) {
        return decode(files(), input, wanted, allowTruncated);
    }

    static Decoded decode(AudioFiles files, AudioInput input, Layout wanted, boolean allowTruncated) {
        Cancellation cancellation = new Cancellation();
        AudioFacts facts = files.probe(input, cancellation);
        try (ClipReader reader = files.open(input, facts, wanted, allowTruncated, cancellation)) {
            return new Decoded(facts, readAll(reader), reader.sourceFrames(), reader.missing());
        }
    }

    static float[][] readAll(ClipReader reader) {
        float[][] all = new float[reader.channels()][1 << 16];
        int frames = 0;
        // An odd number, so that reads end in the middle of every buffer inside.
        int step = 4999;
        for (int n = 0; n >= 0; n = reader.read(all, frames, step)) {
            frames += n;
            if (frames + step > all[0].length) {
                for (int c = 0; c < all.length; c++) {
                    all[c] = Arrays.copyOf(all[c], all[c].length * 2);
                }
            }
        }
        for (int c = 0; c < all.length; c++) {
            all[c] = Arrays.copyOf(all[c], frames);
        }
        return all;
    }

    static byte[] encode(float[][] planar, int sampleRateHz, AudioFormat format) {
        return encode(planar, sampleRateHz, format, sampleRateHz, planar[0].length);
    }

    static byte[] encode(float[][] planar, int sampleRateHz, AudioFormat format, int outRateHz, long outFrames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Layout from = new Layout(sampleRateHz, planar.length);
        try (ClipWriter writer = files().create(bytes, format, from, outRateHz, outFrames, new Cancellation())) {
            int step = 4999;
            for (int at = 0; at < planar[0].length; at += step) {
                writer.write(planar, at, Math.min(step, planar[0].length - at));
            }
            writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Signal-to-noise ratio in dB over the frames {@code from..to-1} of all channels. */
    static double snr(float[][] expected, float[][] actual, int from, int to) {
        double signal = 0;
        double noise = 0;
        for (int c = 0; c < expected.length; c++) {
            for (int i = from; i < to; i++) {
                double difference = (double) expected[c][i] - actual[c][i];
                signal += (double) expected[c][i] * expected[c][i];
                noise += difference * difference;
            }
        }
        return 10 * Math.log10(signal / Math.max(noise, 1e-30));
    }

    static double snr(float[][] expected, float[][] actual) {
        return snr(expected, actual, 0, expected[0].length);
    }

    /** How many children of this process run; those that ended but were not waited for do not count. */
    static long children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).count();
    }
}
