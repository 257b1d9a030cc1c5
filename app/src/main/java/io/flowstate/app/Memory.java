package io.flowstate.app;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The memory of the machine, or of the container when that has a limit; in bytes.
 *
 * @param available what programs can have without swapping, counting caches that the system would give up; empty where the system does not tell
 */
record Memory(long total, OptionalLong available) {
    private static final long FOR_THE_REST = 1L << 30;

    static Memory ofMachine() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Memory(system.getTotalMemorySize(), available(Path.of("/proc"), Path.of("/sys/fs/cgroup")));
    }

    /** What loaded models may take together: all but a gibibyte for the JVM, ffmpeg and the system; on a small machine, half. */
    long forModels() {
        return Math.max(total / 2, total - FOR_THE_REST);
    }

    /** What the settings allow, else {@link #forModels}. */
    long budget(Settings settings) {
        return settings.get(Keys.ENGINE_MEMORY).orElse(forModels());
    }

    /** What the JVM's own heap may take; what {@link Runtime#maxMemory} tells lacks the part that is kept free for survivors. */
    static long ofHeap() {
        return Optional.ofNullable(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class))
                .map(machine ->
                        Long.parseLong(machine.getVMOption("MaxHeapSize").getValue()))
                .orElseGet(Runtime.getRuntime()::maxMemory);
    }

    static OptionalLong available(Path proc, Path cgroup) {
        OptionalLong machine = number(proc.resolve("meminfo"), "MemAvailable: +(\\d+) kB");
        OptionalLong limit = number(cgroup.resolve("memory.max"), "(\\d+)");
        OptionalLong used = number(cgroup.resolve("memory.current"), "(\\d+)");
        if (machine.isEmpty()) {
            return OptionalLong.empty();
        }
        long free = machine.getAsLong() * 1024;
        if (limit.isEmpty() || used.isEmpty()) {
            return OptionalLong.of(free);
        }
        long caches =
                number(cgroup.resolve("memory.stat"), "inactive_file (\\d+)").orElse(0);
        return OptionalLong.of(Math.min(free, limit.getAsLong() - used.getAsLong() + caches));
    }

    /** The number in the first line that looks so. */
    private static OptionalLong number(Path file, String line) {
        Pattern wanted = Pattern.compile(line);
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(wanted::matcher)
                    .filter(Matcher::matches)
                    .mapToLong(found -> Long.parseLong(found.group(1)))
                    .findFirst();
        } catch (IOException notHere) {
            return OptionalLong.empty();
        }
    }
}
