package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The search of the launcher, in a world where the usual folders are not seen. */
final class FindJdkTest {
    private static final Path SCRIPT = Path.of(System.getProperty("flowstate.root"), "app/src/main/sh/find-jdk.sh");

    @TempDir
    Path temp;

    @Test
    void java_home_comes_first_when_it_is_new_enough() throws IOException, InterruptedException {
        Path home = jdk("chosen", "25.0.3");
        Path newer = jdk("home/.jdks/newer", "26");

        assertThat(find(home, "java")).isEqualTo(home.toString());
        assertThat(newer).exists();
    }

    @Test
    void an_old_java_home_is_passed_over() throws IOException, InterruptedException {
        Path old = jdk("old", "17.0.15");
        Path newest = jdk("home/.jdks/newest", "99");
        jdk("home/.sdkman/candidates/java/other", "98.0.1");

        assertThat(find(old, "java")).isEqualTo(newest.toString());
    }

    @Test
    void what_cannot_compile_does_not_do_for_building() throws IOException, InterruptedException {
        Path runtime = jdk("home/.jdks/runtime", "99");
        Files.delete(runtime.resolve("bin/javac"));
        Path complete = jdk("home/.jdks/complete", "98");

        assertThat(find(temp, "javac")).isEqualTo(complete.toString());
        assertThat(find(temp, "java")).isEqualTo(runtime.toString());
    }

    @Test
    void early_access_and_vendor_versions_are_read() throws IOException, InterruptedException {
        Path home = jdk("with spaces/jdk", "27-ea");

        assertThat(find(home, "java")).isEqualTo(home.toString());
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = temp.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"%s\"\n".formatted(version));
        for (String program : new String[] {"java", "javac"}) {
            Files.writeString(home.resolve("bin").resolve(program), "#!/bin/sh\n");
            assertThat(home.resolve("bin").resolve(program).toFile().setExecutable(true))
                    .isTrue();
        }
        return home;
    }

    private String find(Path javaHome, String program) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", ". \"$0\"; find_jdk \"$1\"", SCRIPT.toString(), program)
                .redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME",
                        javaHome.toString(),
                        "HOME",
                        temp.resolve("home").toString()));
        Process process = builder.start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(answer).isZero();
        return answer;
    }
}
