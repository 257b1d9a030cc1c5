package io.flowstate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.testkit.TestAudio;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClipsTest {
    /** Only WAV is read and written here, which needs no program. */
    private final AudioFiles audio = new AudioFiles(FfmpegTools.in(Path.of("none")));

    @Test
    void a_clip_is_repeated_up_to_the_frame_that_was_asked_for(@TempDir Path folder) throws IOException {
        float[][] clip = TestAudio.noise(2, 1000, 1);

        float[][] back = Clips.read(audio, Clips.write(audio, clip, 2500, folder.resolve("long.wav")));

        assertThat(back[0]).hasSize(2500);
        // One step of 16 bits.
        assertThat(back[1][2499]).isCloseTo(clip[1][499], within(1f / 32_768));
        assertThat(back[0][1000]).isCloseTo(clip[0][0], within(1f / 32_768));
    }

    @Test
    void a_clip_longer_than_a_second_is_read_whole(@TempDir Path folder) throws IOException {
        float[][] clip = TestAudio.noise(2, 3 * Clips.RATE_HZ + 1, 1);

        float[][] back = Clips.read(audio, Clips.write(audio, clip, clip[0].length, folder.resolve("clip.wav")));

        assertThat(back[0]).hasSize(clip[0].length);
    }

    @Test
    void an_error_of_a_tenth_is_twenty_decibels() {
        float[][] truth = TestAudio.noise(2, 1000, 1);
        float[][] louder = {truth[0].clone(), truth[1].clone()};
        for (float[] channel : louder) {
            for (int i = 0; i < channel.length; i++) {
                channel[i] *= 1.1f;
            }
        }

        // Floats have seven digits.
        assertThat(Clips.sdr(truth, louder)).isCloseTo(20, within(1e-4));
    }

    @Test
    void an_estimate_that_ends_early_is_silent_from_there_on() {
        float[][] truth = {{1, 1, 1, 1}, {1, 1, 1, 1}};
        float[][] half = {{1, 1}, {1, 1}};

        assertThat(Clips.sdr(truth, half)).isCloseTo(10 * Math.log10(2), within(1e-9));
    }
}
