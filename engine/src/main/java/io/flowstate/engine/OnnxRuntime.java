package io.flowstate.engine;

import ai.onnxruntime.OrtEnvironment;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * The process's one ONNX Runtime, in a process that has been made ready for it.
 *
 * <p>It is kept from telling its makers about the user. From 1.29 on it does so on Linux and macOS unless a variable of the process's own environment, read when it starts, forbids it; to describe
 * the program it matches the whole command line against a regular expression that recurses for every character, so that a line of some kilobytes ends the process without a word
 * (microsoft/onnxruntime issue 32173 is a sibling). Java cannot set such a variable, the C library can.
 *
 * <p>glibc is told to take each large block from the system and give it back when it is freed. Left alone it learns from the first large blocks that are freed to keep such blocks, and a
 * gigabyte stays with a process whose models are long unloaded (docs/decisions/0009).
 *
 * <p>And it is kept alive to the end. The Java binding ends it in a shutdown hook, beside the hooks in which work that is running may come to its own end, and from then on a run fails. The runtime counts who uses
 * it; one that is counted and never leaves keeps it.
 */
public final class OnnxRuntime {
    private static final String FORBID_TELEMETRY = "ORT_DISABLE_TELEMETRY";

    /** {@code M_MMAP_THRESHOLD} of glibc's malloc.h. */
    private static final int MMAP_THRESHOLD = -3;

    private static final int LARGE_BYTES = 1 << 20;

    /** In onnxruntime_c_api.h: {@code ORT_LOGGING_LEVEL_WARNING}, the version of the table of functions, and the place of {@code CreateEnv} in it; neither changes once published. */
    private static final int WARNINGS = 2;

    private static final int API_VERSION = 17;
    private static final int CREATE_ENV = 3;

    private OnnxRuntime() {}

    /** Started when it is first asked for. */
    private static final class Started {
        private static final OrtEnvironment ENVIRONMENT = start();
    }

    /** The first call starts it; whoever needs it asks here. */
    public static OrtEnvironment environment() {
        return Started.ENVIRONMENT;
    }

    private static OrtEnvironment start() {
        // Windows, which has no setenv, reports through the system and obeys its settings.
        CLibrary.function("setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                .ifPresent(OnnxRuntime::forbidTelemetry);
        CLibrary.function("mallopt", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)
                .ifPresent(mallopt -> mallopt.call(MMAP_THRESHOLD, LARGE_BYTES));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        SymbolLookup.loaderLookup().find("OrtGetApiBase").ifPresent(OnnxRuntime::keepAlive);
        return environment;
    }

    private static void forbidTelemetry(CLibrary.Function setenv) {
        try (Arena arena = Arena.ofConfined()) {
            int refused = setenv.call(arena.allocateFrom(FORBID_TELEMETRY), arena.allocateFrom("1"), 1);
            if (refused != 0) {
                throw new IllegalStateException("the environment does not take " + FORBID_TELEMETRY);
            }
        }
    }

    /** {@code OrtGetApiBase()->GetApi(version)->CreateEnv(level, name, &env)}, which for a process that has one counts another user of it. */
    @SuppressWarnings("restricted") // the signatures are those of onnxruntime_c_api.h, whose symbol this is
    private static void keepAlive(MemorySegment getApiBase) {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment base =
                    (MemorySegment) linker.downcallHandle(getApiBase, FunctionDescriptor.of(ValueLayout.ADDRESS))
                            .invokeExact();
            MemorySegment getApi =
                    base.reinterpret(ValueLayout.ADDRESS.byteSize()).get(ValueLayout.ADDRESS, 0);
            MemorySegment api = (MemorySegment)
                    linker.downcallHandle(getApi, FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                            .invokeExact(API_VERSION);
            MemorySegment createEnv = api.reinterpret((CREATE_ENV + 1) * ValueLayout.ADDRESS.byteSize())
                    .getAtIndex(ValueLayout.ADDRESS, CREATE_ENV);
            MemorySegment refused = (MemorySegment) linker.downcallHandle(
                            createEnv,
                            FunctionDescriptor.of(
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS))
                    .invokeExact(WARNINGS, arena.allocateFrom("flowstate"), arena.allocate(ValueLayout.ADDRESS));
            if (!refused.equals(MemorySegment.NULL)) {
                throw new IllegalStateException("ONNX Runtime does not count another user");
            }
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
