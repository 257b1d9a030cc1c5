package io.flowstate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.TestAudio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WaveformPictureTest {
    private static final int RATE = 44_100;

    @TempDir
    Path temp;

    @Test
    void every_file_is_a_labelled_row_that_reaches_to_its_loudest_sample() throws IOException {
        Path mix = wav("song.wav", 1.0f);
        Path bass = wav("bass.wav", 0.5f);
        Path picture = temp.resolve("picture.svg");

        WaveformPicture.main(new String[] {picture.toString(), mix.toString(), bass.toString()});

        String svg = Files.readString(picture);
        assertThat(texts(svg)).containsExactlyInAnyOrder("0 s", "1", "2", "mix", "bass");
        assertThat(highestPoints(svg))
                .as("peak and rms of each, in thousandths")
                .containsExactly(500, 354, 250, 177);
    }

    /** Two seconds of a sine of half scale, times {@code gain}, with one period in each column: the rms is the peak over the root of two. */
    private Path wav(String name, float gain) throws IOException {
        float[][] sine = TestAudio.sines(1, RATE, 2 * RATE, 300);
        for (int i = 0; i < sine[0].length; i++) {
            sine[0][i] *= gain;
        }
        return Files.write(temp.resolve(name), TestAudio.wav(sine, RATE));
    }

    private static List<String> texts(String svg) {
        return Pattern.compile(">([^<]+)</text>")
                .matcher(svg)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static List<Integer> highestPoints(String svg) {
        return Pattern.compile("d=\"M0 0L([^Z]*)Z\"")
                .matcher(svg)
                .results()
                .map(path -> Pattern.compile("\\d+ (-?\\d+) ")
                        .matcher(path.group(1))
                        .results()
                        .mapToInt(point -> -Integer.parseInt(point.group(1)))
                        .max()
                        .orElseThrow())
                .toList();
    }
}
