package io.flowstate.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.flowstate.engine.Graph;
import io.flowstate.engine.OnnxRuntime;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** Where the time of one window goes, operator by operator. */
@Command(
        name = "profile",
        header =
                "Run one window with ONNX Runtime's profiler and sum the time of each operator, for one graph or for two.",
        description = {
            "The session has the engine's options; noise is what it runs over. Of each graph the quickest run after the first counts.",
            "The profiler itself costs a few per cent: for times take bench/graph and bench/stems."
        })
final class GraphProfile implements Callable<Integer> {
    @Option(names = "--before", description = "An ONNX file. Default: htdemucs as it is published.")
    Optional<Path> before = Optional.empty();

    @Option(names = "--after", description = "Another, to set beside it, as the same graph rewritten. Default: none.")
    Optional<Path> after = Optional.empty();

    @Option(
            names = "--runs",
            description = "Windows for each graph, of which the first warms up. Default: ${DEFAULT-VALUE}.")
    int runs = 4;

    @Option(names = "--picture", description = "An SVG file to write.")
    Optional<Path> picture = Optional.empty();

    @Override
    public Integer call() throws IOException, OrtException {
        Map<String, Path> graphs = new LinkedHashMap<>();
        graphs.put(
                "before",
                before.isPresent()
                        ? before.get()
                        : new OurCommand(Checkout.current().flowstate()).graph());
        after.ifPresent(file -> graphs.put("after", file));
        Map<String, KernelTimes> profiles = new LinkedHashMap<>();
        for (Map.Entry<String, Path> graph : graphs.entrySet()) {
            Disturbance.Start start = Disturbance.Start.now();
            Duration used = WindowRun.ownCpu();
            profiles.put(graph.getKey(), profile(graph.getValue(), runs));
            double cpuSeconds = WindowRun.ownCpu().minus(used).toNanos() / 1e9;
            System.err.printf(
                    "%s: %s   %s%n",
                    graph.getKey(), graph.getValue(), start.until(Disturbance.Start.now(), cpuSeconds));
        }
        System.out.println(table(profiles));
        if (picture.isPresent()) {
            Files.writeString(picture.get(), ProfilePicture.of(profiles));
        }
        return 0;
    }

    /** @param runs two at least */
    static KernelTimes profile(Path graph, int runs) throws IOException, OrtException {
        try (Checkout.Workplace work = Checkout.Workplace.open();
                SessionOptions options = Graph.options(Runtime.getRuntime().availableProcessors())) {
            options.enableProfiling(work.file("trace").toString());
            Path trace;
            try (Arena memory = Arena.ofShared();
                    OrtSession session = OnnxRuntime.environment().createSession(graph.toString(), options)) {
                Map<String, OnnxTensor> inputs = WindowRun.tensors(session.getInputInfo(), memory);
                Map<String, OnnxTensor> outputs = WindowRun.tensors(session.getOutputInfo(), memory);
                for (int run = 0; run < runs; run++) {
                    session.run(inputs, Set.of(), outputs, null).close();
                }
                trace = Path.of(session.endProfiling());
                inputs.values().forEach(OnnxTensor::close);
                outputs.values().forEach(OnnxTensor::close);
            }
            return KernelTimes.ofQuickestRun(JsonMapper.shared().readTree(trace));
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
