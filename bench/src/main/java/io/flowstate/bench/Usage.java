package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What one run of a command took, its children included, as GNU time reports it from wait4(2).
 *
 * @param cpuSeconds user and system
 * @param peakRssBytes of the largest process of the tree, not of their sum
 */
record Usage(double wallSeconds, double cpuSeconds, long peakRssBytes) {
    private static final Path TIME = Path.of("/usr/bin/time");

    /**
     * Runs a command to its end; what it prints goes to {@code log}.
     *
     * @throws IOException if it fails, with the end of what it printed
     */
    static Usage of(List<String> command, Map<String, String> environment, Path log) throws IOException {
        if (!Files.isExecutable(TIME)) {
            throw new IOException(TIME + " is needed (apt-get install time)");
        }
        Path report = Files.createTempFile("flowstate-usage-", ".txt");
        try {
            List<String> timed =
                    new ArrayList<>(List.of(TIME.toString(), "-f", "%e %U %S %M", "-o", report.toString()));
            timed.addAll(command);
            run(timed, environment, log);
            return parse(Files.readString(report));
        } finally {
            Files.delete(report);
        }
    }

    /** Reads the line that the format above makes; warnings of GNU time stand before it. */
    static Usage parse(String report) {
        String[] fields = report.strip().lines().toList().getLast().strip().split(" ", -1);
        return new Usage(
                Double.parseDouble(fields[0]),
                Double.parseDouble(fields[1]) + Double.parseDouble(fields[2]),
                Long.parseLong(fields[3]) * 1024);
    }

    /** Runs a command without measuring it. */
    static void run(List<String> command, Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            int code = process.waitFor();
            if (code != 0) {
                List<String> said = Files.readAllLines(log);
                throw new IOException("%s ended with %d:%n%s"
                        .formatted(
                                String.join(" ", command),
                                code,
                                String.join("\n", said.subList(Math.max(0, said.size() - 20), said.size()))));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }
}
