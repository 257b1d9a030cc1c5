package io.flowstate.engine;

import ai.onnxruntime.OrtEnvironment;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * The process's one ONNX Runtime, kept from telling its makers about the user. From 1.29 on it does so on Linux and macOS unless a variable of the process's own environment,
 * read when it starts, forbids it; to describe the program it matches the whole command line against a regular expression that recurses for every character, so that a line
 * of some kilobytes ends the process without a word (microsoft/onnxruntime issue 32173 is a sibling). Java cannot set such a variable, the C library can.
 */
public final class OnnxRuntime {
    private static final String FORBID_TELEMETRY = "ORT_DISABLE_TELEMETRY";

    private OnnxRuntime() {}

    /** The first call starts it; whoever needs it asks here. */
    public static OrtEnvironment environment() {
        // Windows, which has no setenv, reports through the system and obeys its settings.
        CLibrary.function("setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                .ifPresent(OnnxRuntime::forbidTelemetry);
        return OrtEnvironment.getEnvironment();
    }

    private static void forbidTelemetry(CLibrary.Function setenv) {
        try (Arena arena = Arena.ofConfined()) {
            setenv.call(arena.allocateFrom(FORBID_TELEMETRY), arena.allocateFrom("1"), 1);
        }
    }
}
