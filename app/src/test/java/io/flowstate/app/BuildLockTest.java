package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ./flowstate in a checkout whose Maven is a script that builds for as long as there is a file {@code hold}. */
final class BuildLockTest {
    private static final Path ROOT = Path.of(System.getProperty("flowstate.root"));
    private static final List<String> TOOLS = List.of(
            "sh", "dirname", "readlink", "find", "head", "sed", "cat", "mkdir", "ln", "rm", "sleep", "touch", "chmod");

    @TempDir
    Path temp;

    private final List<Process> started = new ArrayList<>();
    private Path hold;

    @BeforeEach
    void checkOut() throws IOException {
        hold = temp.resolve("hold");
        Path sh = Files.createDirectories(temp.resolve("app/src/main/sh"));
        Files.copy(ROOT.resolve("flowstate"), temp.resolve("flowstate"));
        Files.copy(ROOT.resolve("app/src/main/sh/find-jdk.sh"), sh.resolve("find-jdk.sh"));
        Path tools = Files.createDirectory(temp.resolve("tools"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(tools.resolve(tool), find(tool));
        }
        Path mvn = Files.writeString(tools.resolve("mvn"), """
                #!/bin/sh
                echo built >>builds
                while [ -e hold ]; do sleep 0.05; done
                mkdir -p target/flowstate/bin
                printf '#!/bin/sh\\necho ran\\n' >target/flowstate/bin/flowstate
                chmod +x target/flowstate/bin/flowstate
                touch target/flowstate/.built
                """);
        assertThat(mvn.toFile().setExecutable(true)).isTrue();
    }

    @AfterEach
    void stop() throws IOException {
        Files.deleteIfExists(hold);
        started.forEach(BuildLockTest::kill);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void who_comes_while_another_builds_says_that_it_waits_and_uses_that_build(boolean systemHasLocks)
            throws IOException, InterruptedException {
        if (systemHasLocks) {
            giveLocks();
        }
        Files.createFile(hold);
        Process first = start("first");
        Await.until("a build is on", () -> Files.exists(temp.resolve("builds")));
        Process second = start("second");
        Await.until("the second waits", () -> said("second").contains("Waiting for another build"));
        Files.delete(hold);

        assertThat(first.waitFor()).as(said("first")).isZero();
        assertThat(second.waitFor()).as(said("second")).isZero();
        assertThat(said("first")).endsWith("ran\n");
        assertThat(said("second")).endsWith("ran\n");
        assertThat(temp.resolve("builds")).content().isEqualTo("built\n");
        assertThat(temp.resolve("target/.lock.of")).doesNotExist();
    }

    @Test
    void a_build_that_was_killed_is_in_nobody_s_way() throws IOException, InterruptedException {
        giveLocks();
        Files.createFile(hold);
        Process first = start("first");
        Await.until("a build is on", () -> Files.exists(temp.resolve("builds")));
        kill(first);
        Files.delete(hold);

        Process second = start("second");

        assertThat(second.waitFor()).as(said("second")).isZero();
        assertThat(temp.resolve("builds")).content().isEqualTo("built\nbuilt\n");
    }

    @Test
    void a_lock_that_cannot_be_written_is_told_in_a_sentence() throws IOException, InterruptedException {
        giveLocks();
        Files.createDirectories(temp.resolve("target/.lock"));

        Process process = start("only");

        assertThat(process.waitFor()).isEqualTo(Failures.SETUP);
        assertThat(said("only"))
                .isEqualTo(
                        "flowstate: cannot write to %s/target, where the build goes.\n".formatted(temp.toRealPath()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void who_has_waited_too_long_is_told_what_to_do(boolean systemHasLocks) throws IOException, InterruptedException {
        Path launcher = temp.resolve("flowstate");
        Files.writeString(launcher, Files.readString(launcher).replace("patience=900", "patience=1"));
        if (systemHasLocks) {
            giveLocks();
        }
        Files.createFile(hold);
        start("first");
        Await.until("a build is on", () -> Files.exists(temp.resolve("builds")));

        Process second = start("second");

        assertThat(second.waitFor()).isEqualTo(Failures.SETUP);
        assertThat(said("second")).contains("another build has not ended in 1 s.");
        assertThat(said("second").contains(".lock.of")).isEqualTo(!systemHasLocks);
        assertThat(temp.resolve("builds")).content().isEqualTo("built\n");
    }

    @Test
    void on_a_terminal_the_wait_leaves_no_line_behind() throws IOException, InterruptedException {
        Path pty = Path.of("/usr/bin/script");
        assumeThat(pty).as("SKIPPED: there is no script, which makes terminals").exists();
        giveLocks();
        Files.createFile(hold);
        start("first");
        Await.until("a build is on", () -> Files.exists(temp.resolve("builds")));
        Process second = start("second", pty.toString(), "-qefc", "./flowstate", "/dev/null");
        Await.until("the second waits", () -> said("second").contains("Waiting for another build"));
        Files.delete(hold);

        assertThat(second.waitFor()).as(said("second")).isZero();
        assertThat(said("second")).containsPattern("to end \\.\\.\\.\\r\u001B\\[Kran");
    }

    private void giveLocks() throws IOException {
        Path flock = find("flock");
        assumeThat(flock).as("SKIPPED: there is no flock").exists();
        Files.createSymbolicLink(temp.resolve("tools/flock"), flock);
    }

    private static Path find(String tool) {
        Path bin = Path.of("/usr/bin", tool);
        return Files.exists(bin) ? bin : Path.of("/bin", tool);
    }

    private Process start(String name) throws IOException {
        return start(
                name,
                temp.resolve("tools/sh").toString(),
                temp.resolve("flowstate").toString());
    }

    private Process start(String name, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(temp.toFile())
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve(name).toFile());
        builder.environment().put("PATH", temp.resolve("tools").toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private String said(String name) {
        try {
            return Files.readString(temp.resolve(name));
        } catch (IOException notYet) {
            return "";
        }
    }

    private static void kill(Process process) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        family.forEach(ProcessHandle::destroyForcibly);
        family.forEach(each -> each.onExit().join());
    }
}
