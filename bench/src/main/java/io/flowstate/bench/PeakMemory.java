package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The most physical memory that a process has had at any moment, as Linux tells it. */
final class PeakMemory {
    private PeakMemory() {}

    static long bytes(long pid) throws IOException {
        return parse(Files.readString(Path.of("/proc/%d/status".formatted(pid))));
    }

    /** @param status with a line like {@code VmHWM:     5236 kB} */
    static long parse(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no VmHWM in: " + status));
    }
}
