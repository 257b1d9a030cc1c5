package io.flowstate.engine;

import ai.onnxruntime.OrtEnvironment;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * The process's one ONNX Runtime, in a process that has been made ready for it.
 *
 * <p>It is kept from telling its makers about the user. From 1.29 on it does so on Linux and macOS unless a variable of the process's own environment, read when it starts, forbids it; to describe
 * the program it matches the whole command line against a regular expression that recurses for every character, so that a line of some kilobytes ends the process without a word
 * (microsoft/onnxruntime issue 32173 is a sibling). Java cannot set such a variable, the C library can.
 *
 * <p>And glibc is told to take each large block from the system and give it back when it is freed. Left alone it learns from the first large blocks that are freed to keep such blocks, and a
 * gigabyte stays with a process whose models are long unloaded (docs/decisions/0009).
 */
public final class OnnxRuntime {
    private static final String FORBID_TELEMETRY = "ORT_DISABLE_TELEMETRY";

    /** {@code M_MMAP_THRESHOLD} of glibc's malloc.h. */
    private static final int MMAP_THRESHOLD = -3;

    private static final int LARGE_BYTES = 1 << 20;

    private OnnxRuntime() {}

    /** The first call starts it; whoever needs it asks here. */
    public static OrtEnvironment environment() {
        // Windows, which has no setenv, reports through the system and obeys its settings.
        CLibrary.function("setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                .ifPresent(OnnxRuntime::forbidTelemetry);
        CLibrary.function("mallopt", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                .ifPresent(mallopt -> mallopt.call(MMAP_THRESHOLD, LARGE_BYTES));
        return OrtEnvironment.getEnvironment();
    }

    private static void forbidTelemetry(CLibrary.Function setenv) {
        try (Arena arena = Arena.ofConfined()) {
            int refused = setenv.call(arena.allocateFrom(FORBID_TELEMETRY), arena.allocateFrom("1"), 1);
            if (refused != 0) {
                throw new IllegalStateException("the environment does not take " + FORBID_TELEMETRY);
            }
        }
    }
}
