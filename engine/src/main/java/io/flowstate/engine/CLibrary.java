package io.flowstate.engine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The few functions of POSIX's C library that Java has no counterpart for; each is absent on systems that do not have it. */
final class CLibrary {
    private CLibrary() {}

    /** A function that gives 0 when it has done its work. */
    @FunctionalInterface
    interface Function {
        /** @throws IllegalStateException if it gives anything but 0 */
        void call(Object... arguments);
    }

    @SuppressWarnings(
            "restricted") // the signatures that callers give are those of POSIX, on whose systems alone the names are
    // found
    static Optional<Function> function(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> address = linker.defaultLookup().find(name);
        return address.map(found -> {
            MethodHandle handle = linker.downcallHandle(found, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
            return given -> call(name, handle, given);
        });
    }

    private static void call(String name, MethodHandle handle, Object... arguments) {
        int outcome;
        try {
            outcome = (int) handle.invokeWithArguments(arguments);
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
        if (outcome != 0) {
            throw new IllegalStateException("%s gave %d".formatted(name, outcome));
        }
    }
}
