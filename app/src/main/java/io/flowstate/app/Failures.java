package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What errors look like on the command line, and the exit codes: 0 all done, 1 some input failed, 2 usage, 3 setup, 130 stopped (143 by SIGTERM, which is the JVM's own). */
final class Failures {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int SETUP = 3;
    static final int STOPPED = 130;

    /** Fields whose option is called otherwise than they are. */
    private static final Map<String, String> OPTIONS =
            Map.of("max_cost_usd", "max-cost", "deadline_ms", "deadline", "data", "local-only");

    private static final Pattern FIELD = Pattern.compile("`([a-z]+(?:_[a-z]+)*)`");

    private Failures() {}

    static int exitCode(FlowError error) {
        return switch (error.code()) {
            case CANCELED -> STOPPED;
            case BAD_REQUEST, UNKNOWN_STEM, UNKNOWN_MODEL -> USAGE;
            default -> error.code().kind() == Code.Kind.SETUP ? SETUP : FAILED;
        };
    }

    /** What to say an error is about that ended the whole command: the option too, where two take the same and the sentence does not say which. */
    static String subject(FlowError error) {
        return error.code() == Code.UNKNOWN_STEM
                ? "flowstate: " + option(error.field().orElse("stems"))
                : "flowstate";
    }

    /** The sentence, and what to do on a line of its own. */
    static void print(PrintStream err, String subject, FlowError error) {
        err.println(subject + ": " + sentence(error));
        advice(error).ifPresent(advice -> err.println("  " + advice));
    }

    /** The message, with the fields of the request called as their options are, and addresses of the API as the commands for them. */
    static String sentence(FlowError error) {
        String message = withOptions(error.message());
        return error.field()
                .filter(field -> message.startsWith(field + " "))
                .map(field -> option(field) + message.substring(field.length()))
                .orElse(message);
    }

    /** What to do, likewise. */
    static Optional<String> advice(FlowError error) {
        return error.advice().map(Failures::withOptions);
    }

    private static String withOptions(String text) {
        return FIELD.matcher(ServerWords.translated(text)).replaceAll(field -> option(field.group(1)));
    }

    private static String option(String field) {
        return "--" + OPTIONS.getOrDefault(field, field.replace('_', '-'));
    }
}
