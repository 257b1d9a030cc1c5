package io.flowstate.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs of FlowState and of its peers over one clip, in turns, and what they amount to: medians and minima of each, and for each peer the median of the ratios of runs of
 * the same round, which were neighbours in time.
 */
final class Comparison {
    private final Clip clip;
    private final Side ours;
    private final List<Side> peers;

    /** What is separated. */
    record Clip(String name, double seconds) {
        @Override
        public String toString() {
            return "%s, %.1f s".formatted(name, seconds);
        }
    }

    /** @param sdr in dB by stem; empty when it was not measured */
    record Run(Usage usage, Disturbance disturbance, Map<String, Double> sdr) {}

    /** One program with its runs; for a peer, with the bars that are set beside it. */
    private record Side(String name, List<Bar> bars, List<Run> runs) {
        Side(String name, List<Bar> bars) {
            this(name, bars, new ArrayList<>());
        }

        List<Usage> usages() {
            return runs.stream().map(Run::usage).toList();
        }
    }

    /** Ours divided by a peer's: under 1 is better. */
    private record Ratio(Quantity quantity, double median, double ofMinima, Optional<Bar> bar) {
        @Override
        public String toString() {
            return "%s %.2f (%.2f)%s"
                    .formatted(
                            quantity.title,
                            median,
                            ofMinima,
                            bar.map(each -> ", " + Bar.verdict(median, each.atMost()))
                                    .orElse(""));
        }
    }

    /** @param peers by name, with their bars */
    Comparison(Clip clip, String ours, Map<String, List<Bar>> peers) {
        this.clip = clip;
        this.ours = new Side(ours, List.of());
        this.peers = peers.entrySet().stream()
                .map(peer -> new Side(peer.getKey(), peer.getValue()))
                .toList();
    }

    /** Adds a run of any of them; the n-th of one was made next to the n-th of the others. */
    void add(String name, Run run) {
        Side side = sides().filter(each -> each.name.equals(name)).findFirst().orElseThrow();
        side.runs.add(run);
    }

    private Stream<Side> sides() {
        return Stream.concat(Stream.of(ours), peers.stream());
    }

    private List<Ratio> ratios(Side peer) {
        return Arrays.stream(Quantity.values()).map(each -> ratio(each, peer)).toList();
    }

    private Ratio ratio(Quantity quantity, Side peer) {
        double median = Statistics.median(IntStream.range(0, Math.min(ours.runs.size(), peer.runs.size()))
                .mapToObj(round -> quantity.of(ours.runs.get(round).usage) / quantity.of(peer.runs.get(round).usage))
                .toList());
        Optional<Bar> bar = peer.bars.stream()
                .filter(each -> each.quantity() == quantity && each.clipSeconds() == Math.round(clip.seconds))
                .findFirst();
        return new Ratio(quantity, median, quantity.minimum(ours.usages()) / quantity.minimum(peer.usages()), bar);
    }

    private double ourPeakRss() {
        return ours.usages().stream().mapToDouble(Quantity.RSS::of).max().orElseThrow();
    }

    /** One run as a line of its own. */
    static String line(String name, Run run) {
        return "%-22s  %s   %s%s"
                .formatted(
                        name,
                        Arrays.stream(Quantity.values())
                                .map(each -> "%s %7.2f %s".formatted(each.title, each.of(run.usage), each.unit))
                                .collect(Collectors.joining("   ")),
                        run.disturbance,
                        sdr(run));
    }

    private static String sdr(Run run) {
        return run.sdr.isEmpty()
                ? ""
                : run.sdr.entrySet().stream()
                        .map(each -> "%s %.2f".formatted(each.getKey(), each.getValue()))
                        .collect(Collectors.joining(", ", "   SDR dB: ", ""));
    }

    String table() {
        List<String> lines = new ArrayList<>();
        lines.add("%s: medians (minima), rounds: %d".formatted(clip, ours.runs.size()));
        sides().map(Comparison::row).forEach(lines::add);
        lines.add("Ours / theirs: median ratios of neighbours (ratios of the minima)");
        peers.stream().map(this::ratioRow).forEach(lines::add);
        lines.add("Our peak RSS in any run %.2f GB, %s"
                .formatted(ourPeakRss(), Bar.verdict(ourPeakRss(), Bar.OUR_PEAK_RSS_GB)));
        lines.add(disturbances());
        return String.join(System.lineSeparator(), lines);
    }

    private static String row(Side side) {
        List<Usage> usages = side.usages();
        return Arrays.stream(Quantity.values())
                        .map(each -> "%s %7.2f (%.2f) %s"
                                .formatted(each.title, each.median(usages), each.minimum(usages), each.unit))
                        .collect(Collectors.joining("   ", "%-22s  ".formatted(side.name), ""))
                + sdr(side.runs.getLast());
    }

    private String ratioRow(Side peer) {
        return ratios(peer).stream()
                .map(Ratio::toString)
                .collect(Collectors.joining("; ", "/ %-20s  ".formatted(peer.name), ""));
    }

    /** The worst that happened while any of them ran. */
    private String disturbances() {
        return "The machine: load average before a run %.1f to %.1f; others took up to %.0f %%, steal up to %.0f %%"
                .formatted(
                        disturbances(Disturbance::loadAverage).min().orElseThrow(),
                        disturbances(Disturbance::loadAverage).max().orElseThrow(),
                        100 * disturbances(Disturbance::othersShare).max().orElseThrow(),
                        100 * disturbances(Disturbance::stealShare).max().orElseThrow());
    }

    private DoubleStream disturbances(ToDoubleFunction<Disturbance> of) {
        return sides().flatMap(side -> side.runs.stream()).map(Run::disturbance).mapToDouble(of);
    }

    ObjectNode json() {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.put("clip", clip.name).put("clip_s", clip.seconds);
        ObjectNode contestants = all.putObject("contestants");
        sides().forEach(side -> describe(contestants.putObject(side.name), side));
        ObjectNode ratios = all.putObject("ratios");
        peers.forEach(peer -> describe(ratios.putObject(peer.name), ratios(peer)));
        return all;
    }

    private static void describe(ObjectNode into, List<Ratio> ratios) {
        for (Ratio ratio : ratios) {
            ObjectNode node = into.putObject(ratio.quantity.key);
            node.put("median", ratio.median).put("of_minima", ratio.ofMinima);
            ratio.bar.ifPresent(bar -> node.put("bar", bar.atMost()));
        }
    }

    private static void describe(ObjectNode into, Side side) {
        ObjectNode medians = into.putObject("median");
        ObjectNode minima = into.putObject("minimum");
        for (Quantity quantity : Quantity.values()) {
            medians.put(quantity.key, quantity.median(side.usages()));
            minima.put(quantity.key, quantity.minimum(side.usages()));
        }
        ArrayNode each = into.putArray("runs");
        side.runs.forEach(run -> describe(each.addObject(), run));
    }

    private static void describe(ObjectNode into, Run run) {
        for (Quantity quantity : Quantity.values()) {
            into.put(quantity.key, quantity.of(run.usage));
        }
        into.put("others_share", run.disturbance.othersShare());
        into.put("steal_share", run.disturbance.stealShare());
        into.put("load_average", run.disturbance.loadAverage());
        ObjectNode sdr = into.putObject("sdr_db");
        run.sdr.forEach(sdr::put);
    }
}
