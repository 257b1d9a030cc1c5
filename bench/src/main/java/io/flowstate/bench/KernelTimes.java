package io.flowstate.bench;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * Where the time of one run of a graph went.
 *
 * @param microsByOperator in µs, all nodes of an operator together, and {@link #BETWEEN}; they add up to the run
 */
record KernelTimes(Map<String, Long> microsByOperator) {
    /** What is no operator's: the runtime's own work from one to the next. */
    static final String BETWEEN = "(between operators)";

    private static final String KERNEL = "_kernel_time";

    KernelTimes {
        microsByOperator = Map.copyOf(microsByOperator);
    }

    /**
     * Sums one run of a profile of ONNX Runtime: the quickest of those after the first, which warms up caches and memory. A machine that others use too can only make runs slower.
     *
     * @param trace an array of events: {@code ts} and {@code dur} in µs, {@code name}, {@code cat}, and for a kernel {@code args.op_name}. Operators run one after the other, so
     *     their times do not overlap.
     * @throws IllegalArgumentException if there are fewer than two runs
     */
    static KernelTimes ofQuickestRun(JsonNode trace) {
        JsonNode run = events(trace)
                .filter(event -> text(event, "cat").equals("Session")
                        && text(event, "name").equals("model_run"))
                .sorted(Comparator.comparingLong(KernelTimes::start))
                .skip(1)
                .min(Comparator.comparingLong(KernelTimes::micros))
                .orElseThrow(() -> new IllegalArgumentException("a profile without a run after the first"));
        long end = start(run) + micros(run);
        Map<String, Long> sums = new TreeMap<>();
        events(trace)
                .filter(event ->
                        text(event, "cat").equals("Node") && text(event, "name").endsWith(KERNEL))
                .filter(event -> start(event) >= start(run) && start(event) + micros(event) <= end)
                .forEach(event -> sums.merge(text(event.path("args"), "op_name"), micros(event), Long::sum));
        long inKernels = sums.values().stream().mapToLong(Long::longValue).sum();
        sums.put(BETWEEN, micros(run) - inKernels);
        return new KernelTimes(sums);
    }

    private static Stream<JsonNode> events(JsonNode trace) {
        return StreamSupport.stream(trace.spliterator(), false);
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    private static long start(JsonNode event) {
        return event.path("ts").asLong();
    }

    private static long micros(JsonNode event) {
        return event.path("dur").asLong();
    }

    /** The whole run. */
    double millis() {
        return microsByOperator.values().stream().mapToLong(Long::longValue).sum() / 1e3;
    }

    /** 0 for an operator that the graph does not have. */
    double millis(String operator) {
        return microsByOperator.getOrDefault(operator, 0L) / 1e3;
    }

    double millis(OperatorClass of) {
        return microsByOperator.keySet().stream()
                .filter(operator -> OperatorClass.of(operator) == of)
                .mapToDouble(this::millis)
                .sum();
    }
}
