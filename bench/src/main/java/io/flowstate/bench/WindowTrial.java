package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Times windows of several variants in turns, each in a JVM of its own, whose first window warms up and is not counted.
 *
 * @param rounds how many JVMs each variant gets
 * @param runs windows that are counted in each
 */
record WindowTrial(int rounds, int runs, Checkout.Workplace work) {
    record Variant(Path graph, WindowRun.Options options) {}

    /** Says each run on the error stream as it ends, and the medians and minima on the output. */
    void print(Map<String, Variant> variants) throws IOException {
        Map<String, List<WindowRun.Figures>> figures = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Variant> variant : variants.entrySet()) {
                System.err.printf("round %d  ", round);
                figures.computeIfAbsent(variant.getKey(), _ -> new ArrayList<>())
                        .add(inOwnJvm(variant.getKey(), variant.getValue()));
            }
        }
        System.out.printf("Medians of %d rounds of %d windows, and the least CPU:%n", rounds, runs);
        figures.forEach((name, all) -> System.out.println(row(name, all)));
    }

    private WindowRun.Figures inOwnJvm(String name, Variant variant) throws IOException {
        Path said = work.file("window.txt");
        List<String> command = Checkout.java(
                List.of("-XX:+UseSerialGC", "-Xmx512m"),
                WindowRun.class,
                variant.options().asArguments(variant.graph(), runs));
        Disturbance.Start start = Disturbance.Start.now();
        Usage usage = Usage.of(command, Map.of(), said);
        Disturbance disturbance = start.until(Disturbance.Start.now(), usage.cpuSeconds());
        WindowRun.Figures figures =
                WindowRun.Figures.parse(Files.readAllLines(said).getLast());
        System.err.printf("%s   %s%n", row(name, List.of(figures)), disturbance);
        return figures;
    }

    private static String row(String name, List<WindowRun.Figures> figures) {
        return "%-24s wall %5.2f s   CPU %5.2f s (%5.2f)   peak RSS %5.2f GB   load %4.2f s"
                .formatted(
                        name,
                        median(figures, WindowRun.Figures::wallSeconds),
                        median(figures, WindowRun.Figures::cpuSeconds),
                        figures.stream()
                                .mapToDouble(WindowRun.Figures::cpuSeconds)
                                .min()
                                .orElseThrow(),
                        median(figures, each -> each.peakRssBytes() / 1e9),
                        median(figures, WindowRun.Figures::loadSeconds));
    }

    private static double median(List<WindowRun.Figures> figures, ToDoubleFunction<WindowRun.Figures> of) {
        return Statistics.median(figures.stream().map(of::applyAsDouble).toList());
    }
}
