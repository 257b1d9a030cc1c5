package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(600)
final class MemoryLayoutTest {
    private static final int RATE = 44_100;

    @TempDir
    Path ground;

    @Test
    void twenty_minutes_need_no_more_memory_than_one() throws Exception {
        // A heap that is taken whole from the start: what remains to grow is what lies outside it, and a track held
        // inside it (423 MB as floats) would burst it.
        RealHouse house = new RealHouse(ground, TinyDemucs.small()).onJvm("-Xms128m -Xmx128m -XX:+AlwaysPreTouch");

        long one = peakOf(house, 1);
        long twenty = peakOf(house, 20);

        assertThat(twenty).isLessThanOrEqualTo(one * 11 / 10);
    }

    /** Of the whole process, in bytes. */
    private static long peakOf(RealHouse house, int minutes) throws Exception {
        silence(house.here.resolve("song.wav"), minutes);
        try (Program program = house.start("stems", "song.wav", "--stems", "vocals", "--bits", "16", "--json", "-q")) {
            JsonNode told = new JsonMapper().readTree(program.said());
            assertThat(program.awaitExit()).as(program.complained()).isZero();
            assertThat(told.get("length_s").asDouble()).isEqualTo(60.0 * minutes);
            return told.get("peak_memory_bytes").asLong();
        }
    }

    /** A file with a hole in it, which takes no place on the disk. */
    private static void silence(Path file, int minutes) throws IOException {
        long samples = 4L * RATE * 60 * minutes;
        Files.write(
                file,
                TestAudio.wav(new float[2][0], RATE, 16)
                        .claiming(samples)
                        .claimingRiff(36 + samples)
                        .bytes());
        try (RandomAccessFile whole = new RandomAccessFile(file.toFile(), "rw")) {
            whole.setLength(whole.length() + samples);
        }
    }
}
