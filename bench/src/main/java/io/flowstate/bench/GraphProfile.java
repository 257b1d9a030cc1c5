package io.flowstate.bench;

import ai.onnxruntime.OrtException;
import io.flowstate.engine.rewrite.Rewriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where the time of one window goes, operator by operator. */
@Command(
        name = "profile",
        header =
                "Run one window with ONNX Runtime's profiler and sum the time of each operator, for one graph or for two.",
        description = {
            "The session has the engine's options; noise is what it runs over. The graphs run in turns; of each the quickest run after the first counts.",
            "The profiler itself costs a few per cent: for times take bench/graph and bench/stems."
        })
final class GraphProfile implements Callable<Integer> {
    @Option(names = "--before", description = "An ONNX file. Default: htdemucs as it is published.")
    Optional<Path> before = Optional.empty();

    @Option(names = "--after", description = "Another, to set beside it. Default: the same, rewritten.")
    Optional<Path> after = Optional.empty();

    @Option(
            names = "--runs",
            description = "Windows for each graph, of which the first warms up. Default: ${DEFAULT-VALUE}.")
    int runs = 4;

    @Option(names = "--picture", description = "An SVG file to write.")
    Optional<Path> picture = Optional.empty();

    @Override
    public Integer call() throws IOException, OrtException {
        Path published = OurCommand.graphUnless(before);
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            Path other = work.file("rewritten.onnx");
            if (after.isEmpty()) {
                Rewriter.rewrite(
                        published,
                        other,
                        Rewriter.ruleNames(),
                        Runtime.getRuntime().availableProcessors());
            }
            Map<String, Path> graphs = new LinkedHashMap<>();
            graphs.put("before", published);
            graphs.put("after", after.orElse(other));
            show(graphs);
        }
        return 0;
    }

    private void show(Map<String, Path> graphs) throws IOException, OrtException {
        Disturbance.Start start = Disturbance.Start.now();
        Duration used = WindowRun.ownCpu();
        Map<String, KernelTimes> profiles = profile(graphs, runs);
        double cpuSeconds = WindowRun.ownCpu().minus(used).toNanos() / 1e9;
        graphs.forEach((name, file) -> System.err.printf("%s: %s%n", name, file));
        System.err.println(start.until(Disturbance.Start.now(), cpuSeconds));
        System.out.println(table(profiles));
        if (picture.isPresent()) {
            Files.writeString(picture.get(), ProfilePicture.of(profiles));
        }
    }

    /**
     * Runs all graphs in turns, window by window, so that what disturbs the machine disturbs all of them.
     *
     * @param runs of each, two at least
     */
    static Map<String, KernelTimes> profile(Map<String, Path> graphs, int runs) throws IOException, OrtException {
        Map<String, ProfiledGraph> loaded = new LinkedHashMap<>();
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            try {
                for (Map.Entry<String, Path> graph : graphs.entrySet()) {
                    loaded.put(graph.getKey(), new ProfiledGraph(graph.getValue(), work.file(graph.getKey())));
                }
                for (int run = 0; run < runs; run++) {
                    for (ProfiledGraph graph : loaded.values()) {
                        graph.run();
                    }
                }
                Map<String, KernelTimes> profiles = new LinkedHashMap<>();
                for (Map.Entry<String, ProfiledGraph> graph : loaded.entrySet()) {
                    profiles.put(graph.getKey(), graph.getValue().times());
                }
                return profiles;
            } finally {
                for (ProfiledGraph graph : loaded.values()) {
                    graph.close();
                }
            }
        }
    }

    /** A line for each class, then for its operators, the heaviest first. */
    static String table(Map<String, KernelTimes> profiles) {
        List<String> lines = new ArrayList<>();
        lines.add(profiles.keySet().stream()
                .map("%17s"::formatted)
                .collect(Collectors.joining("", "%-26s".formatted("ms, share of the window"), "")));
        for (OperatorClass each : OperatorClass.values()) {
            List<String> operators = operators(profiles, each);
            if (!operators.isEmpty()) {
                lines.add(row(each.title, profiles, times -> times.millis(each)));
                operators.forEach(
                        operator -> lines.add(row("  " + operator, profiles, times -> times.millis(operator))));
            }
        }
        lines.add(row("one window", profiles, KernelTimes::millis));
        return String.join(System.lineSeparator(), lines);
    }

    private static List<String> operators(Map<String, KernelTimes> profiles, OperatorClass of) {
        return profiles.values().stream()
                .flatMap(times -> times.microsByOperator().keySet().stream())
                .distinct()
                .filter(operator -> OperatorClass.of(operator) == of)
                .sorted(Comparator.comparingDouble((String operator) -> -profiles.values().stream()
                                .mapToDouble(times -> times.millis(operator))
                                .sum())
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static String row(String title, Map<String, KernelTimes> profiles, ToDoubleFunction<KernelTimes> millis) {
        return profiles.values().stream()
                .map(times -> "%9.1f %5.1f %%"
                        .formatted(millis.applyAsDouble(times), 100 * millis.applyAsDouble(times) / times.millis()))
                .collect(Collectors.joining("", "%-26s".formatted(title), ""));
    }
}
