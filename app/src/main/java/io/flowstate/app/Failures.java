package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.PrintStream;

/** What errors look like on the command line, and the exit codes: 0 all done, 1 some input failed, 2 usage, 3 setup, 130 stopped. */
final class Failures {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int SETUP = 3;
    static final int STOPPED = 130;

    private Failures() {}

    static int exitCode(FlowError error) {
        return switch (error.code()) {
            case CANCELED -> STOPPED;
            case BAD_REQUEST, UNKNOWN_STEM, UNKNOWN_MODEL -> USAGE;
            default -> error.code().kind() == Code.Kind.SETUP ? SETUP : FAILED;
        };
    }

    /** The sentence, and what to do on a line of its own. */
    static void print(PrintStream err, String subject, FlowError error) {
        err.println(subject + ": " + error.message());
        error.advice().ifPresent(advice -> err.println("  " + advice));
    }
}
