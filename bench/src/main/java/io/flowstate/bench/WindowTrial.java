package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Option;

/** Times windows of several variants in turns, each in a JVM of its own, whose first window warms up and is not counted; a part of the commands that do so. */
final class WindowTrial {
    /** For the commands' help. */
    static final String HOW =
            "Each variant runs in a JVM of its own, all variants in turns; the first run of each JVM warms up and is not counted.";

    @Option(names = "--rounds", description = "How many JVMs each variant gets. Default: ${DEFAULT-VALUE}.")
    int rounds = 3;

    @Option(names = "--runs", description = "Windows that are counted in each JVM. Default: ${DEFAULT-VALUE}.")
    int runs = 3;

    @Option(names = "--graph", description = "An ONNX file. Default: htdemucs as it is published.")
    Optional<Path> graph = Optional.empty();

    record Variant(Path graph, WindowRun.Options options) {}

    /** The graph to try. */
    Path graph() throws IOException {
        return OurCommand.graphUnless(graph);
    }

    /** Says each run on the error stream as it ends, and the medians and minima on the output. */
    void print(Map<String, Variant> variants, Checkout.Workplace work) throws IOException {
        Map<String, List<WindowRun.Figures>> figures = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Variant> variant : variants.entrySet()) {
                System.err.printf("round %d  ", round);
                figures.computeIfAbsent(variant.getKey(), _ -> new ArrayList<>())
                        .add(inOwnJvm(variant.getKey(), variant.getValue(), work));
            }
        }
        System.out.printf("Medians of %d rounds of %d windows, and the least CPU:%n", rounds, runs);
        figures.forEach((name, all) -> System.out.println(row(name, all)));
    }

    private WindowRun.Figures inOwnJvm(String name, Variant variant, Checkout.Workplace work) throws IOException {
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
