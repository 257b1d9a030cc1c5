package io.flowstate.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of commands share: a folder to call them in, and what they said. */
abstract class CommandLineTest {
    @TempDir
    Path temp;

    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    Path folder;
    TestHouse house;

    @BeforeEach
    final void enter() throws IOException {
        folder = Files.createDirectories(temp.resolve("here"));
        house = new TestHouse(temp.resolve("house"));
    }

    @AfterEach
    final void leave() {
        house.close();
    }

    final Terminal terminal(Map<String, String> environment) {
        return new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                environment,
                folder,
                temp.resolve("home"));
    }

    final int run(String... arguments) {
        return run(Map.of(), arguments);
    }

    final int run(Map<String, String> environment, String... arguments) {
        return new Cli(terminal(environment), _ -> house, Clock.systemUTC()).run(arguments);
    }

    final String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    final String complained() {
        return err.toString(StandardCharsets.UTF_8);
    }

    final Path file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    /** Every file and folder below the one the command was called in, hidden ones too. */
    final List<String> left() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> !path.equals(folder))
                    .map(path -> folder.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }
}
