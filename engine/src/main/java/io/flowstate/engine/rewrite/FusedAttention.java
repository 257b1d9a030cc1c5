package io.flowstate.engine.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Scaled dot-product attention of several heads, written out, becomes the runtime's own operator:
 *
 * <pre>softmax((a Q) (b K)ᵀ) V = MultiHeadAttention(Q, K, V) with scale a·b</pre>
 *
 * which works through the scores tile by tile (Dao et al., "FlashAttention", 2022) and never holds the whole of them: 231 MB for one attention of htdemucs.
 *
 * <p>Written out, each of Q, K, V is a value of t rows and heads·width columns, reshaped to [t][1][heads][width] and transposed to [1][heads][t][width] (K to [1][heads][width][t]); the
 * result is transposed back and reshaped.
 */
final class FusedAttention implements Rule {
    private static final List<Long> HEADS_FIRST = List.of(1L, 2L, 0L, 3L);
    private static final List<Long> WIDTH_FIRST = List.of(1L, 2L, 3L, 0L);
    private static final List<Long> ROWS_FIRST = List.of(2L, 0L, 1L, 3L);

    /**
     * One of query, key and value.
     *
     * @param nodes from the product upwards; the last is the reshape
     */
    private record Side(List<Node> nodes, double scale) {
        String source() {
            return nodes.getLast().input(0);
        }
    }

    @Override
    public String name() {
        return "fused-attention";
    }

    @Override
    public String anchor() {
        return "Softmax";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node softmax) {
        long axis = softmax.integer("axis", -1);
        return (axis == -1 || axis == 3) && fuse(graph, softmax);
    }

    private static boolean fuse(OnnxGraph graph, Node softmax) {
        List<Node> scores = graph.above(softmax.input(0), "MatMul");
        List<Node> below = graph.below(softmax.output(), "MatMul", "Transpose", "Reshape");
        if (scores.isEmpty()
                || below.isEmpty()
                || !below.get(1).integers("perm").equals(ROWS_FIRST)) {
            return false;
        }
        Optional<Side> query = scaled(graph, scores.getFirst().input(0), HEADS_FIRST);
        Optional<Side> key = scaled(graph, scores.getFirst().input(1), WIDTH_FIRST);
        Optional<Side> value = side(graph, below.getFirst().input(1), HEADS_FIRST, List.of(), 1);
        if (query.isEmpty()
                || key.isEmpty()
                || value.isEmpty()
                || heads(graph, query.get()) != heads(graph, key.get())
                || heads(graph, query.get()) != heads(graph, value.get())
                || graph.shape(below.get(2).output()).isEmpty()) {
            return false;
        }
        List<Node> out = new ArrayList<>(List.of(softmax, scores.getFirst()));
        out.addAll(below);
        List<Node> in = new ArrayList<>();
        List<String> inputs = new ArrayList<>();
        for (Side side : List.of(query.get(), key.get(), value.get())) {
            out.addAll(side.nodes());
            Node rows = graph.reshape(
                    side.source(),
                    rows(graph, side),
                    graph.fresh(side.nodes().getLast().output() + "_rows"));
            in.add(rows);
            inputs.add(rows.output());
        }
        Node attention = Node.of(
                        "MultiHeadAttention", inputs, graph.fresh(below.get(2).output() + "_attention"))
                .in(Node.RUNTIME_DOMAIN)
                .withInteger(
                        "num_heads",
                        graph.knownShape(query.get().nodes().getLast().output()).size(2))
                .withNumber("scale", (float) (query.get().scale() * key.get().scale()));
        in.add(attention);
        in.add(graph.reshape(
                attention.output(),
                graph.knownShape(below.get(2).output()),
                below.get(2).output()));
        graph.replace(out, in);
        return true;
    }

    private static long heads(OnnxGraph graph, Side side) {
        return graph.knownShape(side.nodes().getLast().output()).size(2);
    }

    /** Batch 1, then rows of all heads side by side. */
    private static Shape rows(OnnxGraph graph, Side side) {
        Shape heads = graph.knownShape(side.nodes().getLast().output());
        return Shape.of(1, heads.size(0), heads.size(2) * heads.size(3));
    }

    private static Optional<Side> scaled(OnnxGraph graph, String value, List<Long> order) {
        List<Node> scale = graph.above(value, "Mul");
        if (scale.isEmpty()) {
            return Optional.empty();
        }
        Optional<Weights> factor = graph.factor(scale.getFirst()).filter(each -> each.count() == 1);
        return factor.flatMap(each -> side(graph, graph.variableInput(scale.getFirst()), order, scale, each.get(0)));
    }

    private static Optional<Side> side(
            OnnxGraph graph, String value, List<Long> order, List<Node> before, double scale) {
        List<Node> above = graph.above(value, "Transpose", "Reshape");
        if (above.isEmpty() || !above.getFirst().integers("perm").equals(order)) {
            return Optional.empty();
        }
        Optional<Shape> heads = graph.shape(above.get(1).output());
        if (heads.isEmpty() || heads.get().rank() != 4 || heads.get().size(1) != 1) {
            return Optional.empty();
        }
        List<Node> nodes = new ArrayList<>(before);
        nodes.addAll(above);
        return Optional.of(new Side(nodes, scale));
    }
}
