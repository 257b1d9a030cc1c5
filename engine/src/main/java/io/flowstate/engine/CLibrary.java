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

    /** A function that gives a whole number. */
    @FunctionalInterface
    interface Function {
        int call(Object... arguments);
    }

    // The signatures that callers give are those of POSIX and glibc, on whose systems alone the names are found.
    @SuppressWarnings("restricted")
    static Optional<Function> function(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> address = linker.defaultLookup().find(name);
        return address.map(found -> {
            MethodHandle handle = linker.downcallHandle(found, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
            return given -> call(handle, given);
        });
    }

    private static int call(MethodHandle handle, Object... arguments) {
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
