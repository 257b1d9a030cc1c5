package io.flowstate.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * While it is open, the processor takes numbers below the normal range (for floats 1.2e-38) as zero on the thread that opened it; closing gives the thread its state back. Java's
 * arithmetic relies on that state, so only native code may compute in between.
 *
 * <p>Intel's processors compute with such numbers a hundred times more slowly, and softmax makes a great many (docs/decisions/0008). ONNX Runtime has an option for its own
 * threads, but the thread that runs a graph takes part in the work, and that one it sets at most once, with the process's first session; in a JVM
 * even that did not last.
 *
 * <p>Linux on x86-64 only; elsewhere it does nothing. ARM's cores lose no time. One instance for one thread; closed by the thread that opened it.
 */
public final class DenormalsAsZero implements AutoCloseable {
    /** {@code fenv_t} of glibc and musl: the x87 state, then the control register of the vector unit. */
    private static final int ENVIRONMENT_BYTES = 32;

    private static final int VECTOR_CONTROL_OFFSET = 28;
    private static final int FLUSH_RESULTS = 1 << 15;
    private static final int IGNORE_OPERANDS = 1 << 6;

    private static final Optional<Functions> FUNCTIONS = Functions.ofThisSystem();

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment saved = arena.allocate(ENVIRONMENT_BYTES, Long.BYTES);

    private record Functions(CLibrary.Function get, CLibrary.Function set) {
        static Optional<Functions> ofThisSystem() {
            if (!System.getProperty("os.name").equals("Linux")
                    || !System.getProperty("os.arch").equals("amd64")) {
                return Optional.empty();
            }
            return CLibrary.function("fegetenv", ValueLayout.ADDRESS)
                    .flatMap(get ->
                            CLibrary.function("fesetenv", ValueLayout.ADDRESS).map(set -> new Functions(get, set)));
        }
    }

    private DenormalsAsZero() {}

    public static DenormalsAsZero open() {
        DenormalsAsZero opened = new DenormalsAsZero();
        FUNCTIONS.ifPresent(opened::change);
        return opened;
    }

    private void change(Functions functions) {
        check(functions.get.call(saved));
        int before = saved.get(ValueLayout.JAVA_INT, VECTOR_CONTROL_OFFSET);
        MemorySegment changed = arena.allocate(ENVIRONMENT_BYTES, Long.BYTES).copyFrom(saved);
        changed.set(ValueLayout.JAVA_INT, VECTOR_CONTROL_OFFSET, before | FLUSH_RESULTS | IGNORE_OPERANDS);
        check(functions.set.call(changed));
    }

    @Override
    public void close() {
        FUNCTIONS.ifPresent(functions -> check(functions.set.call(saved)));
        arena.close();
    }

    private static void check(int outcome) {
        if (outcome != 0) {
            throw new IllegalStateException("the floating-point environment cannot be changed");
        }
    }
}
