package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The packaged program in a process of its own, which does not outlive its test. */
final class Program implements AutoCloseable {
    static final String LAUNCHER = Path.of(System.getProperty("flowstate.root"), "target/flowstate/bin/flowstate")
            .toString();

    private final Process process;
    private final BufferedReader out;
    private final Path err;

    private Program(Process process, Path err) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.err = err;
    }

    static Program start(Path folder, Map<String, String> environment, List<String> command) throws IOException {
        Path err = Files.createTempFile(folder.resolveSibling(""), "stderr", ".txt");
        ProcessBuilder builder = new ProcessBuilder(Interruptible.command(command))
                .directory(folder.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new Program(builder.start(), err);
    }

    /** The next line on standard output; empty at its end. */
    String line() throws IOException {
        return Optional.ofNullable(out.readLine()).orElse("");
    }

    /** All that is still to come on standard output, to its end. */
    String said() {
        return out.lines().collect(Collectors.joining("\n"));
    }

    /** What was written to standard error so far. */
    String complained() throws IOException {
        return Files.readString(err);
    }

    /** @param name e.g. {@code INT} */
    void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Lets the garbage go, so that what remains is in use. Four times, because a heap gives its memory back in as many steps (ShrinkHeapInSteps). */
    void collectGarbage() throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        for (int i = 0; i < 4; i++) {
            assertThat(new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.run")
                            .start()
                            .waitFor())
                    .isZero();
        }
    }

    int awaitExit() throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("the program ends: %s", complained())
                .isTrue();
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Programs that it has started and their own, for as long as it lives. */
    List<ProcessHandle> children() {
        return process.descendants().toList();
    }

    /** A number of {@code /proc/PID/status}, e.g. {@code Threads}, or {@code VmRSS} in kibibytes. */
    long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/%d/status".formatted(process.pid()))).stream()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** How many files and sockets it has open. */
    long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/%d/fd".formatted(process.pid())))) {
            return open.count();
        }
    }

    /** A folder as the program sees it, with the disks that only it has. */
    Path seen(Path folder) {
        return Path.of("/proc/%d/root".formatted(process.pid()) + folder);
    }

    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
        out.close();
        Files.deleteIfExists(err);
    }
}
