package io.flowstate.engine.rewrite;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.flowstate.engine.Graph;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Applies rules to a graph, in an order in which each finds what the ones before have laid open. */
public final class Rewriter {
    private Rewriter() {}

    /** The first version of ONNX's operators in which those that the rules put in look as they do. */
    private static final int LEAST_OPSET = 13;

    static final List<Rule> RULES = List.of(
            new FoldedScale(),
            new FusedAttention(),
            new SplitProjection(),
            new FoldedNorm(),
            new ShiftedConvolution(),
            new InterleavedConvolution(),
            new GatedConvolution(),
            new ReshapedTranspose(),
            new FoldedLayerNorm());

    /** Of all rules, in the order in which they are applied. */
    public static List<String> ruleNames() {
        return RULES.stream().map(Rule::name).toList();
    }

    /**
     * Makes a graph as it would be with some of the rules only, to measure what each is worth.
     *
     * @param names of the rules; with none, the graph's constants are folded and nothing else
     * @throws io.flowstate.core.FlowError if the runtime does not take the published graph
     */
    public static void rewrite(Path published, Path to, Collection<String> names, int threads) throws IOException {
        Path folded = to.resolveSibling(to.getFileName() + ".folded");
        try (Graph _ = Graph.load(published, () -> folding(folded, threads))) {
            rewrite(
                    folded,
                    to,
                    RULES.stream().filter(rule -> names.contains(rule.name())).toList());
        } finally {
            Files.deleteIfExists(folded);
        }
    }

    /** Lets a session compute what depends on no input, and write the rest down in operators that any runtime knows. */
    static SessionOptions folding(Path folded, int threads) throws OrtException {
        SessionOptions options = Graph.options(threads);
        options.setOptimizationLevel(OptLevel.BASIC_OPT);
        options.setOptimizedModelFilePath(folded.toString());
        return options;
    }

    /**
     * Reads a graph whose constants are folded, and writes it rewritten.
     *
     * @return how often each rule was applied, by name
     */
    static Map<String, Integer> rewrite(Path from, Path to, List<Rule> rules) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            OnnxModel published = OnnxModel.read(from, arena);
            OnnxGraph graph = new OnnxGraph(published);
            Map<String, Integer> applied = new LinkedHashMap<>();
            boolean isOpen = published.opset() >= LEAST_OPSET && !published.hasInnerGraphs();
            rules.forEach(rule -> applied.put(rule.name(), isOpen ? rule.apply(graph) : 0));
            graph.model().write(to);
            return applied;
        }
    }
}
