package io.flowstate.bench;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.FfmpegTools;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The places that measurements use.
 *
 * @param root of the source tree, whose build is measured
 */
record Checkout(Path root) {
    static Checkout current() {
        return new Checkout(Path.of(System.getProperty("flowstate.root", ".")));
    }

    /** The command as a user starts it. */
    Path flowstate() {
        return root.resolve("flowstate");
    }

    Path song() {
        return root.resolve("samples/song.flac");
    }

    AudioFiles audio() {
        return new AudioFiles(FfmpegTools.in(root.resolve("target/flowstate/lib/native/ffmpeg")));
    }

    /** Where peers are installed, outside of the source tree. */
    static Path cache() {
        return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .orElse(Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("flowstate-bench");
    }

    /** How to start another JVM with the classes of this one. */
    static List<String> java(List<String> options, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        for (String name : List.of("onnxruntime.native.path", "flowstate.root")) {
            command.add("-D%s=%s".formatted(name, System.getProperty(name, "")));
        }
        command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path")), main.getName()));
        command.addAll(arguments);
        return command;
    }

    private static String absolute(String classPath) {
        return String.join(
                File.pathSeparator,
                List.of(classPath.split(File.pathSeparator)).stream()
                        .map(each -> Path.of(each).toAbsolutePath().toString())
                        .toList());
    }

    /** A folder for one measurement; it goes with all it holds when it is closed, or when the process is stopped before that. */
    record Workplace(Path folder) implements AutoCloseable {
        static Workplace open() throws IOException {
            Path folder = Files.createTempDirectory("flowstate-bench-");
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> remove(folder)));
            return new Workplace(folder);
        }

        Path file(String name) {
            return folder.resolve(name);
        }

        @Override
        public void close() {
            remove(folder);
        }

        static void remove(Path tree) {
            if (!Files.exists(tree)) {
                return;
            }
            try {
                Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException unread)
                            throws IOException {
                        Files.delete(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
            } catch (IOException stuck) {
                throw new UncheckedIOException(stuck);
            }
        }
    }
}
