package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.PrintStream;
import java.util.Map;

/** What errors look like on the command line, and the exit codes: 0 all done, 1 some input failed, 2 usage, 3 setup, 130 stopped. */
final class Failures {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int SETUP = 3;
    static final int STOPPED = 130;

    /** Fields whose option is called otherwise than they are. */
    private static final Map<String, String> OPTIONS = Map.of("max_cost_usd", "max-cost", "deadline_ms", "deadline");

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
        err.println(subject + ": " + sentence(error));
        error.advice().ifPresent(advice -> err.println("  " + advice));
    }

    /** The message; where it begins with a field of the request, that is called as the option is. */
    private static String sentence(FlowError error) {
        String message = error.message();
        return error.field()
                .filter(field -> message.startsWith(field + " "))
                .map(field ->
                        "--" + OPTIONS.getOrDefault(field, field.replace('_', '-')) + message.substring(field.length()))
                .orElse(message);
    }
}
