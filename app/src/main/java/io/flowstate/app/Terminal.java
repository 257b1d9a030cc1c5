package io.flowstate.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a command has of the world outside: two streams, the environment, the folder it was called in. Tests make their own.
 *
 * @param out results
 * @param err progress, warnings and errors
 * @param columns width of the terminal behind {@code err}; 0 when that is a file or a pipe
 * @param folder relative paths start here
 * @param account the home folder of the user's account; {@code ?} is the JVM's word for a user without an account
 */
record Terminal(
        PrintStream out, PrintStream err, int columns, Map<String, String> environment, Path folder, Path account) {
    Terminal {
        environment = Map.copyOf(environment);
    }

    /** The one of this process. The launcher says whether the error stream is a terminal, which the JVM cannot ask. */
    static Terminal ofProcess() {
        return new Terminal(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Integer.getInteger("flowstate.columns", 0),
                System.getenv(),
                Path.of("").toAbsolutePath(),
                Path.of(System.getProperty("user.home", "?")));
    }

    boolean isInteractive() {
        return columns > 0;
    }

    /** An environment variable; one that is empty counts as not set. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(text -> !text.isEmpty());
    }

    /** The user's folder: HOME, which the JVM passes over, else the account's. Empty for a user who has none, as in a container that runs under any number. */
    Optional<Path> home() {
        return variable("HOME").map(Path::of).or(() -> Optional.of(account)).filter(Path::isAbsolute);
    }

    /** A path of this call as a person would type it: relative to the current folder when it lies inside. */
    String shown(Path path) {
        Path absolute = folder.resolve(path).normalize();
        return absolute.startsWith(folder) && !absolute.equals(folder)
                ? folder.relativize(absolute).toString()
                : absolute.toString();
    }
}
