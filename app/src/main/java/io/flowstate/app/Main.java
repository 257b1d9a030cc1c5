package io.flowstate.app;

import java.time.Clock;

/** Where the process begins. */
public final class Main {
    private Main() {}

    /** Exits with the command's code; see {@link Failures}. */
    public static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        int code = new Cli(terminal, settings -> new Wiring(terminal, settings), Clock.systemUTC()).run(arguments);
        System.exit(code);
    }
}
