package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.TinyDemucs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StopTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void a_signal_ends_the_work_and_leaves_nothing_behind(String signal, int exitCode)
            throws IOException, InterruptedException {
        Path folder = Files.createDirectories(temp.resolve("here"));
        Path song = Files.writeString(folder.resolve("song.wav"), "music");
        Process process = new ProcessBuilder(Interruptible.command(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StuckMain.class.getName(),
                        temp.resolve("house").toString(),
                        "stems",
                        "--json",
                        "song.wav")))
                .directory(folder.toFile())
                .redirectError(temp.resolve("err").toFile())
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).as(Files.readString(temp.resolve("err"))).isEqualTo("stuck");
            assertThat(files(folder)).hasSizeGreaterThan(1);

            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();

            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(exitCode);
            assertThat(files(folder)).containsExactly(song);
            assertThat(out.readLine()).contains("\"ok\":false", "\"canceled\"");
            assertThat(temp.resolve("err")).content().contains("song.wav: Stopped.");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void a_server_s_log_begins_with_variables_that_are_misspelt_and_its_end_is_told_by_its_exit_code()
            throws Exception {
        RealHouse house = new RealHouse(temp, TinyDemucs.small()).variable("FLOWSTATE_SERVR_PORT", "1");
        try (Program serve = house.startUnpackaged("serve", "--drain", "0s")) {
            assertThat(serve.line()).contains("listens on");

            serve.signal("TERM");

            assertThat(serve.awaitExit()).isEqualTo(143);
            assertThat(serve.complained())
                    .containsOnlyOnce("no variable FLOWSTATE_SERVR_PORT; did you mean FLOWSTATE_SERVER_PORT?")
                    .contains("what runs is canceled");
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> !path.equals(folder)).toList();
        }
    }
}
