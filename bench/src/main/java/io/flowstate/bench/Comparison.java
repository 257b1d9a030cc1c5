package io.flowstate.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Runs of two contestants in turns, and what they amount to: medians of each, and the median of the ratios of runs that were neighbours in time. */
final class Comparison {
    private final String ours;
    private final String theirs;
    private final List<Run> ourRuns = new ArrayList<>();
    private final List<Run> theirRuns = new ArrayList<>();

    /** @param sdr in dB by stem; empty when it was not measured */
    record Run(Usage usage, Disturbance disturbance, Map<String, Double> sdr) {}

    /** What is compared. */
    private record Quantity(String key, ToDoubleFunction<Usage> from) {
        private static final Quantity WALL = new Quantity("wall_s", Usage::wallSeconds);
        private static final Quantity CPU = new Quantity("cpu_s", Usage::cpuSeconds);
        private static final Quantity RSS = new Quantity("peak_rss_gb", usage -> usage.peakRssBytes() / 1e9);
        private static final List<Quantity> ALL = List.of(WALL, CPU, RSS);

        double of(Run run) {
            return from.applyAsDouble(run.usage);
        }

        double median(List<Run> runs) {
            return Statistics.median(runs.stream().map(this::of).toList());
        }
    }

    Comparison(String ours, String theirs) {
        this.ours = ours;
        this.theirs = theirs;
    }

    /** Adds a run of either; the n-th of one was made next to the n-th of the other. */
    void add(String name, Run run) {
        (name.equals(ours) ? ourRuns : theirRuns).add(run);
    }

    /** Ours divided by theirs: under 1 is better. */
    private double ratio(Quantity quantity) {
        return Statistics.median(IntStream.range(0, Math.min(ourRuns.size(), theirRuns.size()))
                .mapToObj(i -> quantity.of(ourRuns.get(i)) / quantity.of(theirRuns.get(i)))
                .toList());
    }

    static String line(String name, Run run) {
        return row(name, run.usage.wallSeconds(), run.usage.cpuSeconds(), run.usage.peakRssBytes() / 1e9) + "   "
                + run.disturbance + sdr(run);
    }

    private static String row(String name, double wall, double cpu, double rss) {
        return "%-24s wall %7.2f s   CPU %7.2f s   peak RSS %5.2f GB".formatted(name, wall, cpu, rss);
    }

    private static String sdr(Run run) {
        return run.sdr.isEmpty()
                ? ""
                : run.sdr.entrySet().stream()
                        .map(each -> "%s %.2f".formatted(each.getKey(), each.getValue()))
                        .collect(Collectors.joining(", ", "   SDR dB: ", ""));
    }

    String table() {
        return String.join(
                System.lineSeparator(),
                "Medians of %d rounds:".formatted(ourRuns.size()),
                medians(ours, ourRuns),
                medians(theirs, theirRuns),
                "Median ratio, ours / theirs: wall %.2f, CPU %.2f, peak RSS %.2f"
                        .formatted(ratio(Quantity.WALL), ratio(Quantity.CPU), ratio(Quantity.RSS)));
    }

    private static String medians(String name, List<Run> runs) {
        return row(name, Quantity.WALL.median(runs), Quantity.CPU.median(runs), Quantity.RSS.median(runs))
                + sdr(runs.getLast());
    }

    ObjectNode json() {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        describe(all.putObject(ours), ourRuns);
        describe(all.putObject(theirs), theirRuns);
        ObjectNode ratios = all.putObject("ratio");
        for (Quantity quantity : Quantity.ALL) {
            ratios.put(quantity.key, ratio(quantity));
        }
        return all;
    }

    private static void describe(ObjectNode into, List<Run> runs) {
        ObjectNode medians = into.putObject("median");
        for (Quantity quantity : Quantity.ALL) {
            medians.put(quantity.key, quantity.median(runs));
        }
        ArrayNode each = into.putArray("runs");
        for (Run run : runs) {
            ObjectNode node = each.addObject();
            for (Quantity quantity : Quantity.ALL) {
                node.put(quantity.key, quantity.of(run));
            }
            node.put("others_share", run.disturbance.othersShare());
            node.put("steal_share", run.disturbance.stealShare());
            node.put("load_average", run.disturbance.loadAverage());
            ObjectNode sdr = node.putObject("sdr_db");
            run.sdr.forEach(sdr::put);
        }
    }
}
