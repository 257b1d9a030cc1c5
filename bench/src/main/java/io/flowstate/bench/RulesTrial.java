package io.flowstate.bench;

import ai.onnxruntime.OrtException;
import io.flowstate.engine.rewrite.Rewriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What each rule of the graph rewriter is worth: the evidence of docs/decisions/0010. */
@Command(
        name = "rules",
        header = "Time one window of htdemucs as published, with each rule alone, and with all.",
        description =
                "Each variant runs in a JVM of its own, all variants in turns; the first run of each JVM warms up and is not counted.")
final class RulesTrial implements Callable<Integer> {
    @Option(names = "--rounds", description = "How many JVMs each variant gets. Default: ${DEFAULT-VALUE}.")
    int rounds = 3;

    @Option(names = "--runs", description = "Windows that are counted in each JVM. Default: ${DEFAULT-VALUE}.")
    int runs = 3;

    @Option(names = "--without", description = "Leave one rule out at a time, in place of applying one at a time.")
    boolean without;

    @Option(names = "--graph", description = "An ONNX file. Default: htdemucs as it is published.")
    Optional<Path> graph = Optional.empty();

    @Override
    public Integer call() throws IOException, OrtException {
        Path published = graph.isPresent()
                ? graph.get()
                : new OurCommand(Checkout.current().flowstate()).graph();
        int cores = Runtime.getRuntime().availableProcessors();
        WindowRun.Options options = new WindowRun.Options(true, false, false, false, cores, 0);
        Map<String, WindowTrial.Variant> variants = new LinkedHashMap<>();
        variants.put("published", new WindowTrial.Variant(published, options));
        try (Checkout.Workplace work = Checkout.Workplace.open()) {
            for (Map.Entry<String, Collection<String>> rules : selections().entrySet()) {
                Path to = work.file(rules.getKey() + ".onnx");
                Rewriter.rewrite(published, to, rules.getValue(), cores);
                variants.put(rules.getKey(), new WindowTrial.Variant(to, options));
            }
            new WindowTrial(rounds, runs, work).print(variants);
        }
        return 0;
    }

    private Map<String, Collection<String>> selections() {
        List<String> all = Rewriter.ruleNames();
        Map<String, Collection<String>> selections = new LinkedHashMap<>();
        for (String rule : all) {
            if (without) {
                selections.put(
                        "without " + rule,
                        all.stream().filter(each -> !each.equals(rule)).toList());
            } else {
                selections.put(rule, List.of(rule));
            }
        }
        selections.put("all rules", all);
        return selections;
    }
}
