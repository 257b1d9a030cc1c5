package io.flowstate.engine.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A matrix product that makes queries, keys and values at once, p results of n columns side by side, which are then stacked and picked one by one, becomes p products:
 *
 * <pre>gather(transpose(reshape(x W + b, [1, t, 1, p, n]), [3, 1, 2, 0, 4]), i) = reshape(x W[:, i·n .. i·n+n] + b[i·n .. i·n+n], [t, 1, n])</pre>
 *
 * so that none of them has to be copied out.
 */
final class SplitProjection implements Rule {
    private static final List<Long> STACK = List.of(3L, 1L, 2L, 0L, 4L);

    @Override
    public String name() {
        return "split-projection";
    }

    @Override
    public String anchor() {
        return "Gemm";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node product) {
        List<Node> below = graph.below(product.output(), "Reshape", "Transpose", "Squeeze");
        if (below.isEmpty() || !isStack(graph, product, below) || !isPlain(graph, product)) {
            return false;
        }
        replace(graph, product, below);
        return true;
    }

    private static boolean isStack(OnnxGraph graph, Node product, List<Node> below) {
        Optional<Shape> apart = graph.shape(below.get(0).output());
        String stacked = below.get(2).output();
        return apart.isPresent()
                && below.get(1).integers("perm").equals(STACK)
                && graph.shape(product.output())
                        .filter(wide -> wide.rank() == 2
                                && wide.size(1)
                                        == apart.get().size(3) * apart.get().size(4))
                        .isPresent()
                && apart.get().size(0) == 1
                && apart.get().size(2) == 1
                && graph.shape(stacked)
                        .equals(Optional.of(Shape.of(
                                apart.get().size(3),
                                apart.get().size(1),
                                1,
                                apart.get().size(4))))
                && !graph.isResult(stacked)
                && graph.consumers(stacked).stream().allMatch(node -> isPick(graph, node));
    }

    private static boolean isPick(OnnxGraph graph, Node node) {
        return node.is("Gather")
                && node.integer("axis", 0) == 0
                && graph.integers(node.input(1))
                        .filter(places -> places.size() == 1 && places.getFirst() >= 0)
                        .isPresent()
                && graph.shape(node.output()).filter(shape -> shape.rank() == 3).isPresent();
    }

    private static boolean isPlain(OnnxGraph graph, Node product) {
        return product.hasInput(2)
                && product.integer("transB", 0) == 0
                && product.number("alpha", 1) == 1
                && product.number("beta", 1) == 1
                && graph.hasPlainWeights(product);
    }

    private static void replace(OnnxGraph graph, Node product, List<Node> below) {
        Weights weights = graph.weights(product.input(1)).orElseThrow();
        Weights bias = graph.weights(product.input(2)).orElseThrow();
        Set<Node> picks = graph.consumers(below.get(2).output());
        int rows = weights.shape().sizeAsInt(0);
        int all = weights.shape().sizeAsInt(1);
        int columns = graph.knownShape(picks.iterator().next().output()).sizeAsInt(-1);
        List<Node> out = new ArrayList<>(below);
        out.add(product);
        List<Node> in = new ArrayList<>();
        for (Node pick : picks) {
            int first =
                    Math.toIntExact(graph.integers(pick.input(1)).orElseThrow().getFirst()) * columns;
            Weights own = weights.gathered(Shape.of(rows, columns), at -> at / columns * all + first + at % columns);
            Node part = product.withInputs(List.of(
                            product.input(0),
                            graph.add(product.input(1), own),
                            graph.add(product.input(2), bias.rows(first, first + columns))))
                    .withOutput(graph.fresh(pick.output() + "_product"));
            out.add(pick);
            in.add(part);
            in.add(graph.reshape(part.output(), graph.knownShape(pick.output()), pick.output()));
        }
        graph.replace(out, in);
    }
}
