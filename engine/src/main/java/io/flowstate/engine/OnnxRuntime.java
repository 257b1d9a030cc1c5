package io.flowstate.engine;

import ai.onnxruntime.OrtEnvironment;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

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
        setVariable(FORBID_TELEMETRY, "1");
        return OrtEnvironment.getEnvironment();
    }

    /** Does nothing where the C library has no {@code setenv}; that is Windows, whose runtime reports through the system and obeys its settings. */
    @SuppressWarnings("restricted") // the signature is that of POSIX, on whose systems alone it is found
    private static void setVariable(String name, String value) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
        if (setenv.isEmpty()) {
            return;
        }
        MethodHandle call = linker.downcallHandle(
                setenv.get(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int refused = (int) call.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
            if (refused != 0) {
                throw new IllegalStateException("the environment does not take " + name);
            }
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
