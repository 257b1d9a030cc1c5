package io.flowstate.bench;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.ClipReader;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.audio.Layout;
import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Draws a mix and its stems as waveforms below each other, all to the same scale (a quiet one takes less room), into an SVG file that reads well on light and on dark
 * pages. After {@code ./flowstate stems samples/song.flac}, with a JDK 25 and in the root of the project:
 *
 * <pre>{@code
 * java -cp 'target/flowstate/lib/*' bench/src/main/java/io/flowstate/bench/WaveformPicture.java \
 *     docs/images/stems.svg samples/song.flac song-stems/{drums,bass,other,vocals}.wav
 * }</pre>
 *
 * <p>The pale shape reaches from the lowest to the highest sample of each column, the strong one shows the effective (rms) level.
 */
final class WaveformPicture {
    private static final Path FFMPEG = Path.of("target", "flowstate", "lib", "native", "ffmpeg");
    private static final Layout MONO = new Layout(44_100, 1);
    private static final int COLUMNS = 600;
    private static final int LABEL_WIDTH = 84;
    private static final int COLUMN_WIDTH = 2;
    private static final int FULL_SCALE_HEIGHT = 115;
    private static final int GAP = 14;
    private static final int WIDTH = LABEL_WIDTH + COLUMNS * COLUMN_WIDTH + 16;
    private static final int AXIS_HEIGHT = 34;
    /** A path's unit of height for full scale: whole numbers keep the file small. */
    private static final int FULL_SCALE = 1000;

    private static final int HAIRLINE = 4;

    private static final String QUIET = "#848d97";
    private static final List<String> COLOURS = List.of("#8792a2", "#e8833a", "#4c8dea", "#2da77a", "#d65a9c");

    private WaveformPicture() {}

    /** @param arguments the SVG to write, the mix, then its stems */
    public static void main(String[] arguments) throws IOException {
        AudioFiles audio = new AudioFiles(FfmpegTools.in(FFMPEG));
        List<Path> files = Arrays.stream(arguments).skip(1).map(Path::of).toList();
        StringBuilder rows = new StringBuilder();
        double seconds = 0;
        double top = GAP;
        for (int i = 0; i < files.size(); i++) {
            AudioInput input = new AudioInput(files.get(i).toString(), files.get(i));
            Envelope envelope = new Envelope(audio, input);
            double half = envelope.peak() * FULL_SCALE_HEIGHT;
            rows.append(
                    row(COLOURS.get(i % COLOURS.size()), top + half, i == 0 ? "mix" : nameOf(files.get(i)), envelope));
            top += 2 * half + GAP;
            seconds = Math.max(seconds, envelope.seconds);
        }
        Files.writeString(Path.of(arguments[0]), svg((int) Math.ceil(top), seconds, rows.toString()));
    }

    /** What is heard in each column of the picture: lowest and highest sample, -1..1, and the effective level. */
    private static final class Envelope {
        private final double seconds;
        private final float[] low = new float[COLUMNS];
        private final float[] high = new float[COLUMNS];
        private final float[] rms = new float[COLUMNS];

        Envelope(AudioFiles audio, AudioInput input) {
            AudioFacts facts = audio.probe(input, new Cancellation());
            seconds = facts.duration().orElseThrow().toNanos() / 1e9;
            long frames = Math.round(seconds * MONO.sampleRateHz());
            float[][] block = new float[1][1 << 14];
            try (ClipReader reader = audio.open(input, facts, MONO, false, new Cancellation())) {
                long at = 0;
                for (int n = reader.read(block, 0, block[0].length);
                        n >= 0;
                        n = reader.read(block, 0, block[0].length)) {
                    for (int i = 0; i < n; i++, at++) {
                        add((int) Math.min(COLUMNS - 1, at * COLUMNS / frames), block[0][i]);
                    }
                }
            }
            for (int i = 0; i < COLUMNS; i++) {
                rms[i] = (float) Math.sqrt(rms[i] * COLUMNS / frames);
            }
        }

        private void add(int column, float sample) {
            low[column] = Math.min(low[column], sample);
            high[column] = Math.max(high[column], sample);
            rms[column] += sample * sample;
        }

        float peak() {
            float peak = 0;
            for (int i = 0; i < COLUMNS; i++) {
                peak = Math.max(peak, Math.max(high[i], -low[i]));
            }
            return peak;
        }

        float[] negativeRms() {
            float[] negative = new float[COLUMNS];
            for (int i = 0; i < COLUMNS; i++) {
                negative[i] = -rms[i];
            }
            return negative;
        }
    }

    private static String row(String colour, double middle, String label, Envelope envelope) {
        return """
                <text x="%d" y="%s" dy=".35em" text-anchor="end" fill="%s" font-weight="600">%s</text>
                <g transform="translate(%d %s) scale(%d %s)" fill="%s"><path opacity=".45" d="%s"/><path d="%s"/></g>
                """.formatted(
                        LABEL_WIDTH - 16,
                        number(middle),
                        colour,
                        label,
                        LABEL_WIDTH,
                        number(middle),
                        COLUMN_WIDTH,
                        number((double) FULL_SCALE_HEIGHT / FULL_SCALE),
                        colour,
                        path(envelope.low, envelope.high),
                        path(envelope.negativeRms(), envelope.rms));
    }

    /** Along the upper edge, and back along the lower one; silence stays visible as a hairline. */
    private static String path(float[] low, float[] high) {
        StringBuilder path = new StringBuilder("M0 0L");
        for (int i = 0; i < COLUMNS; i++) {
            path.append(i)
                    .append(' ')
                    .append(-Math.max(HAIRLINE, units(high[i])))
                    .append(' ');
        }
        for (int i = COLUMNS - 1; i >= 0; i--) {
            path.append(i)
                    .append(' ')
                    .append(Math.max(HAIRLINE, -units(low[i])))
                    .append(' ');
        }
        return path.append('Z').toString();
    }

    private static int units(float level) {
        return Math.round(level * FULL_SCALE);
    }

    private static String svg(int bottom, double seconds, String rows) {
        List<String> axis = new ArrayList<>();
        int step = (int) Math.ceil(seconds / 6);
        for (int second = 0; second <= seconds; second += step) {
            double x = LABEL_WIDTH + COLUMNS * COLUMN_WIDTH * second / seconds;
            axis.add("<path d=\"M%s 0V%d\" stroke=\"%s\" stroke-opacity=\".3\"/>"
                    .formatted(number(x), bottom + 4, QUIET));
            axis.add("<text x=\"%s\" y=\"%d\" text-anchor=\"middle\" fill=\"%s\">%d%s</text>"
                    .formatted(number(x), bottom + 24, QUIET, second, second == 0 ? " s" : ""));
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="17" role="img" aria-label="Waveforms of a mix and of its stems">
                %s
                %s</svg>
                """.formatted(WIDTH, bottom + AXIS_HEIGHT, String.join("\n", axis), rows);
    }

    private static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.replaceFirst("\\.[^.]*$", "");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value).replaceFirst("\\.?0+$", "");
    }
}
