package io.flowstate.engine.rewrite;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Applies all rules to a graph, in an order in which each finds what the ones before have laid open. */
final class Rewriter {
    private Rewriter() {}

    /** The first version of ONNX's operators in which those that the rules put in look as they do. */
    private static final int LEAST_OPSET = 13;

    static final List<Rule> RULES = List.of(
            new FoldedScale(),
            new TransposedNorm(),
            new FusedAttention(),
            new SplitProjection(),
            new FoldedNorm(),
            new ShiftedConvolution(),
            new InterleavedConvolution(),
            new GatedConvolution(),
            new ReshapedTranspose(),
            new FoldedLayerNorm());

    /**
     * Reads a graph whose constants are folded, and writes it rewritten.
     *
     * @return how often each rule was applied, by name
     */
    static Map<String, Integer> rewrite(Path from, Path to, List<Rule> rules) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            OnnxGraph graph = OnnxGraph.read(from, arena);
            Map<String, Integer> applied = new LinkedHashMap<>();
            rules.forEach(rule -> applied.put(rule.name(), graph.opset() < LEAST_OPSET ? 0 : rule.apply(graph)));
            graph.write(to);
            return applied;
        }
    }
}
