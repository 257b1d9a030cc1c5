package io.flowstate.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real disk that is full while a job runs, seen by the process that runs it alone: database, blobs and all lie on it. */
final class FullDiskTest {
    @TempDir
    Path folder;

    /** @param room that is left: nothing, so that not even a beginning can be noted, or too little for the outputs */
    @ParameterizedTest
    @ValueSource(longs = {0, 280_000})
    void a_job_on_a_full_disk_is_done_when_there_is_room_again(long room) throws Exception {
        boolean mayMount =
                shell("mount -t tmpfs tmpfs \"$0\"", folder.toString()).waitFor() == 0;
        assumeTrue(mayMount, "SKIPPED: this user may not mount a small tmpfs, so jobs on full disks are not tested");

        Process process = shell(
                "mount -t tmpfs -o size=4m tmpfs \"$0\" && exec \"$@\"",
                folder.toString(),
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FullDiskMain.class.getName(),
                folder.toString(),
                String.valueOf(room));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();

        assertThat(said).contains("full: not done", "then: succeeded", "clean: true");
    }

    /** In a view of the file system of its own, which goes with the process. */
    private static Process shell(String script, String... arguments) throws IOException {
        String[] command = new String[5 + arguments.length];
        System.arraycopy(new String[] {"unshare", "--mount", "sh", "-c", script}, 0, command, 0, 5);
        System.arraycopy(arguments, 0, command, 5, arguments.length);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
