package io.flowstate.app;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** Commands that hear SIGINT even where a shell started the tests in its background, which makes all that it starts deaf to it. */
final class Interruptible {
    private static final List<String> HEARING = List.of("env", "--default-signal=INT");

    private Interruptible() {}

    /** The command as it is where there is no GNU {@code env} to make it hear. */
    static List<String> command(List<String> command) throws IOException {
        Process trial = new ProcessBuilder(append(HEARING, List.of("true"))).start();
        return trial.onExit().join().exitValue() == 0 ? append(HEARING, command) : command;
    }

    private static List<String> append(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
