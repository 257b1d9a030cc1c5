package io.flowstate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which options of ONNX Runtime suit the graph: the evidence of docs/decisions/0003. */
@Command(
        name = "graph",
        header = "Time one window of htdemucs under different options of ONNX Runtime.",
        description =
                "Each variant runs in a JVM of its own, all variants in turns; the first run of each JVM warms up and is not counted.")
final class SessionOptionsTrial implements Callable<Integer> {
    @Option(names = "--rounds", description = "How many JVMs each variant gets. Default: ${DEFAULT-VALUE}.")
    int rounds = 3;

    @Option(names = "--runs", description = "Windows that are counted in each JVM. Default: ${DEFAULT-VALUE}.")
    int runs = 3;

    @Option(names = "--only", split = ",", description = "Names of variants to try. Default: all.")
    List<String> only = List.of();

    @Option(names = "--graph", description = "An ONNX file. Default: htdemucs as it is published.")
    Optional<Path> graph = Optional.empty();

    private static Map<String, WindowRun.Options> variants() {
        int cores = Runtime.getRuntime().availableProcessors();
        Map<String, WindowRun.Options> variants = new LinkedHashMap<>();
        variants.put("chosen", new WindowRun.Options(true, false, false, false, cores, 0));
        variants.put("denormals", new WindowRun.Options(true, false, false, true, cores, 0));
        variants.put("defaults", new WindowRun.Options(true, true, true, true, cores, 0));
        variants.put("pattern", new WindowRun.Options(true, true, false, false, cores, 0));
        variants.put("spinning", new WindowRun.Options(true, false, true, false, cores, 0));
        variants.put("no-arena", new WindowRun.Options(false, false, false, false, cores, 0));
        variants.put("blocks-of-4", new WindowRun.Options(true, false, false, false, cores, 4));
        variants.put("one-thread", new WindowRun.Options(true, false, false, false, 1, 0));
        return variants;
    }

    @Override
    public Integer call() throws IOException {
        Path file = graph.isPresent()
                ? graph.get()
                : new OurCommand(Checkout.current().flowstate()).graph();
        Map<String, List<WindowRun.Figures>> figures = new LinkedHashMap<>();
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            for (int round = 1; round <= rounds; round++) {
                for (Map.Entry<String, WindowRun.Options> variant : variants().entrySet()) {
                    if (only.isEmpty() || only.contains(variant.getKey())) {
                        System.err.printf("round %d  ", round);
                        figures.computeIfAbsent(variant.getKey(), _ -> new ArrayList<>())
                                .add(inOwnJvm(file, variant.getKey(), variant.getValue(), work));
                    }
                }
            }
        }
        System.out.printf("Medians of %d rounds of %d windows:%n", rounds, runs);
        figures.forEach((name, all) -> System.out.println(row(name, all)));
        return 0;
    }

    private WindowRun.Figures inOwnJvm(Path graph, String name, WindowRun.Options options, Checkout.Workplace work)
            throws IOException {
        Path said = work.file("window.txt");
        List<String> command = Checkout.java(
                List.of("-XX:+UseSerialGC", "-Xmx512m"), WindowRun.class, options.asArguments(graph, runs));
        Disturbance.Start start = Disturbance.Start.now();
        Usage usage = Usage.of(command, Map.of(), said);
        Disturbance disturbance = start.until(Disturbance.Start.now(), usage.cpuSeconds());
        WindowRun.Figures figures =
                WindowRun.Figures.parse(Files.readAllLines(said).getLast());
        System.err.printf("%s   %s%n", row(name, List.of(figures)), disturbance);
        return figures;
    }

    private static String row(String name, List<WindowRun.Figures> figures) {
        return "%-12s wall %5.2f s   CPU %5.2f s   peak RSS %5.2f GB   load %4.2f s"
                .formatted(
                        name,
                        median(figures, WindowRun.Figures::wallSeconds),
                        median(figures, WindowRun.Figures::cpuSeconds),
                        median(figures, each -> each.peakRssBytes() / 1e9),
                        median(figures, WindowRun.Figures::loadSeconds));
    }

    private static double median(List<WindowRun.Figures> figures, ToDoubleFunction<WindowRun.Figures> of) {
        return Statistics.median(figures.stream().map(of::applyAsDouble).toList());
    }
}
