package io.flowstate.bench;

import ai.onnxruntime.OrtException;
import io.flowstate.engine.rewrite.Rewriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What each rule of the graph rewriter is worth: the evidence of docs/decisions/0010. */
@Command(
        name = "rules",
        header = "Time one window of htdemucs as published, with each rule alone, and with all.",
        description = WindowTrial.HOW)
final class RulesTrial implements Callable<Integer> {
    @Mixin
    WindowTrial trial = new WindowTrial();

    @Option(names = "--without", description = "Leave one rule out at a time, in place of applying one at a time.")
    boolean without;

    @Override
    public Integer call() throws IOException, OrtException {
        Path published = trial.graph();
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
            trial.print(variants, work);
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
