package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program as a user starts it. */
final class LayoutTest {
    private static final Path ROOT = Path.of(System.getProperty("flowstate.root"));
    private static final Path LAYOUT = ROOT.resolve("target/flowstate");

    @TempDir
    Path temp;

    private record Ran(int code, String out, String err) {}

    @Test
    void it_runs_through_a_link_from_a_folder_with_spaces() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(temp.resolve("my music"));
        Path link = Files.createSymbolicLink(folder.resolve("fs"), LAYOUT.resolve("bin/flowstate"));

        Ran ran = run(folder, link.toString(), "stems", "no such song.wav", "it's *.wav");

        assertThat(ran.err()).contains("There is no file no such song.wav.", "There is no file it's *.wav.");
        assertThat(ran.code()).isEqualTo(Failures.FAILED);
    }

    @Test
    void it_runs_when_it_is_copied_elsewhere() throws IOException, InterruptedException {
        Path copy = temp.resolve("opt/flow state");
        Files.createDirectories(copy.getParent());
        assertThat(run(temp, "cp", "-r", LAYOUT.toString(), copy.toString()).code())
                .isZero();

        Ran ran = run(temp, copy.resolve("bin/flowstate").toString(), "doctor");

        assertThat(ran.out())
                .containsPattern("ok +onnxruntime")
                .containsPattern("ok +ffmpeg .*opt/flow state")
                .doesNotContain(LAYOUT.toString());
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void a_name_that_is_not_ascii_is_understood_where_no_locale_is_set() throws IOException, InterruptedException {
        // The shell writes the name, for this JVM may itself run in such a place.
        Ran ran = run(
                temp,
                "env",
                "-i",
                "PATH=/usr/bin:/bin",
                "JAVA_HOME=" + System.getProperty("java.home"),
                "HOME=" + temp,
                "sh",
                "-c",
                "exec \"$0\" stems \"$(printf 'M\\303\\266 \\351\\237\\263.wav')\"",
                LAYOUT.resolve("bin/flowstate").toString());

        assertThat(ran.err()).contains("There is no file Mö 音.wav.");
        assertThat(ran.code()).isEqualTo(Failures.FAILED);
    }

    @Test
    void exit_codes_reach_the_shell() throws IOException, InterruptedException {
        assertThat(flowstate("version").code()).isZero();
        assertThat(flowstate("stems").code()).isEqualTo(Failures.USAGE);
        Files.writeString(temp.resolve("flowstate.yaml"), "server: {port: x}");
        assertThat(flowstate("config", "--config", "flowstate.yaml").code()).isEqualTo(Failures.SETUP);
    }

    @Test
    void a_crash_would_leave_its_report_among_the_temporary_files() throws IOException, InterruptedException {
        Ran ran = run(
                temp,
                "env",
                "TMPDIR=" + temp.resolve("a b"),
                "FLOWSTATE_JAVA_OPTS=-XX:+PrintFlagsFinal",
                LAYOUT.resolve("bin/flowstate").toString(),
                "version");

        assertThat(ran.out()).containsPattern("ErrorFile += .*/a b/flowstate_crash_");
    }

    @Test
    void only_what_runs_is_in_it() throws IOException {
        List<String> names;
        try (Stream<Path> all = Files.walk(LAYOUT)) {
            names = all.map(path -> LAYOUT.relativize(path).toString()).toList();
        }

        assertThat(names).contains("LICENSE", "NOTICE", "bin/flowstate", "lib/flowstate.jar");
        assertThat(names)
                .noneMatch(name -> name.contains("junit") || name.contains("assertj") || name.contains("testkit"));
        assertThat(names).noneMatch(name -> name.endsWith(".dll") || name.endsWith(".dSYM"));
        Path runtime = LAYOUT.resolve(names.stream()
                .filter(name -> name.startsWith("lib/onnxruntime-"))
                .findFirst()
                .orElseThrow());
        assertThat(Files.size(runtime)).as("the jar without its libraries").isLessThan(1 << 20);
        Path sqlite = LAYOUT.resolve(names.stream()
                .filter(name -> name.startsWith("lib/sqlite-jdbc-"))
                .findFirst()
                .orElseThrow());
        assertThat(Files.size(sqlite)).as("the jar with one platform's library").isLessThan(2 << 20);
    }

    @Test
    void the_notice_names_every_bundled_library() throws IOException {
        String notice = Files.readString(ROOT.resolve("NOTICE"));
        List<String> jars;
        try (Stream<Path> lib = Files.list(LAYOUT.resolve("lib"))) {
            jars = lib.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(".jar") && !name.startsWith("flowstate"))
                    .map(name -> name.replaceAll("-[0-9].*", ""))
                    .toList();
        }

        List<String> patterns = new ArrayList<>();
        java.util.regex.Pattern.compile("lib/([A-Za-z0-9-]+)\\*?(?:-\\*)?\\.jar")
                .matcher(notice)
                .results()
                .forEach(found -> patterns.add(found.group(1).replaceAll("-$", "")));
        assertThat(jars).isNotEmpty().allSatisfy(jar -> assertThat(patterns).anyMatch(jar::startsWith));
    }

    @Test
    void the_server_says_where_it_listens_and_stops_on_a_signal() throws IOException, InterruptedException {
        Process process = start(temp, LAYOUT.resolve("bin/flowstate").toString(), "serve", "--port", "0");
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            String line = out.readLine();
            assertThat(line).startsWith("FlowState listens on http://127.0.0.1:");
            URI ready = URI.create(line.substring(line.indexOf("http")) + "/readyz");
            assertThat(client.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);

            process.destroy();

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void what_a_killed_server_left_is_gone_when_the_next_one_listens() throws IOException {
        // The highest number a Linux process can have is 2^22, so nobody has this one.
        Path left = Files.createDirectories(temp.resolve("home/spool/flowstate-999999999-1"));
        Files.writeString(left.resolve("song.wav"), "somebody's music");

        Process server = start(temp, LAYOUT.resolve("bin/flowstate").toString(), "serve", "--port", "0");
        try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).startsWith("FlowState listens");

            assertThat(left).doesNotExist();
        } finally {
            server.destroyForcibly();
        }
    }

    private Ran flowstate(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(LAYOUT.resolve("bin/flowstate").toString()));
        command.addAll(List.of(arguments));
        return run(temp, command.toArray(String[]::new));
    }

    private Ran run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = start(folder, command);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ran(process.exitValue(), out, Files.readString(temp.resolve("stderr")));
    }

    private Process start(Path folder, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(temp.resolve("stderr").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("FLOWSTATE_HOME", temp.resolve("home").toString());
        return builder.start();
    }
}
