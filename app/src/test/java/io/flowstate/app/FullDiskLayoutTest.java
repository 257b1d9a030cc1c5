package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged program on disks that are full or not to be written: real ones, which only its process sees and which go with it. */
@Timeout(600)
final class FullDiskLayoutTest {
    private static final int RATE = 44_100;

    @TempDir
    Path ground;

    private RealHouse house;

    @BeforeEach
    void build() throws Exception {
        house = new RealHouse(ground, TinyDemucs.small());
        house.file("song.wav", song(20));
        Files.createDirectories(house.here.resolve("out"));
        boolean mayMount = new ProcessBuilder("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", ground.toString())
                        .start()
                        .waitFor()
                == 0;
        assumeTrue(
                mayMount, "SKIPPED: this user may not mount a small tmpfs, so full and read-only disks are not tested");
    }

    @ParameterizedTest
    @CsvSource({"wav, clamp", "flac, clamp", "wav, rescale"})
    void a_full_disk_is_a_setup_failure_and_is_left_as_it_was(String format, String clip) throws Exception {
        String told = separateOn("size=1m", "--format %s --clip %s".formatted(format, clip));

        assertThat(told)
                .contains("\"code\":\"disk_full\"", "exit 3", "The disk of the output folder is full.")
                .endsWith("left: none\n");
    }

    @Test
    void a_disk_that_is_read_only_is_a_setup_failure() throws Exception {
        String told = separateOn("ro", "--format wav");

        assertThat(told)
                .contains("The output cannot be written", "Read-only file system", "exit 3")
                .endsWith("left: none\n");
    }

    /** What was said, the exit code, and what lies on the disk afterwards. */
    private String separateOn(String disk, String options) throws Exception {
        try (Program shell = house.startInShell("""
                mount -t tmpfs -o %s tmpfs out
                "$0" stems song.wav --json -q -o out %s 2>&1
                echo "exit $?"
                echo "left: $(ls -A out | grep . || echo none)"
                """.formatted(disk, options))) {
            String said = shell.said() + "\n";
            shell.awaitExit();
            return said;
        }
    }

    @Test
    void a_spool_that_is_full_is_507_and_the_next_request_finds_room() throws Exception {
        byte[] large = Files.readAllBytes(house.here.resolve("song.wav"));
        try (Program program = house.startInShell(
                        "mount -t tmpfs -o size=1m tmpfs '%s' && exec \"$0\" serve".formatted(house.spool));
                LiveServer server = LiveServer.of(program)) {
            HttpResponse<byte[]> refused = server.stems("stems=vocals", "song.wav", large);
            assertThat(refused.statusCode()).isEqualTo(507);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8))
                    .contains("\"code\":\"disk_full\"")
                    .doesNotContain(house.ground().toString());
            Await.until(
                    "the spool is empty",
                    () -> RealHouse.filesBelow(program.seen(house.spool)).isEmpty());

            HttpResponse<byte[]> taken = server.stems("stems=vocals", "song.wav", song(2));
            assertThat(taken.statusCode()).isEqualTo(200);
        }
    }

    private static byte[] song(int seconds) throws IOException {
        return TestAudio.wav(TestAudio.tune(2, RATE, seconds * RATE, 1), RATE);
    }
}
