package io.flowstate.engine.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A normalisation over everything ({@link WholeNorm}) that stands between two transpositions needs neither: mean and variance do not depend on the order, and gamma and beta can be
 * applied along whichever axis the channels have before. With x [1][t][c]:
 *
 * <pre>transpose(norm(transpose(x))) = (x − mean) / deviation · gamma[c] + beta[c]</pre>
 *
 * <p>Sums are taken in two steps, first along c, then along t: the runtime computes the first on all cores, and a million floats added up one after the other would lose digits.
 */
final class TransposedNorm implements Rule {
    private static final List<Long> SWAP = List.of(0L, 2L, 1L);

    @Override
    public String name() {
        return "transposed-norm";
    }

    @Override
    public String anchor() {
        return "Transpose";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node transpose) {
        List<Node> below = graph.below(transpose.output(), "Reshape");
        Optional<WholeNorm> norm = below.isEmpty() ? Optional.empty() : WholeNorm.at(graph, below.getFirst());
        if (norm.isEmpty()
                || !transpose.integers("perm").equals(SWAP)
                || norm.get().shape().size(0) != 1
                || graph.isResult(norm.get().output())
                || !graph.consumers(norm.get().output()).stream().allMatch(node -> node.is("Transpose"))) {
            return false;
        }
        replace(graph, transpose, norm.get());
        return true;
    }

    private static void replace(OnnxGraph graph, Node transpose, WholeNorm norm) {
        Shape shape = norm.shape().permuted(SWAP);
        Builder to = new Builder(graph, norm.output());
        String x = transpose.input(0);
        String rows = to.sum("rows", x, 2);
        String mean = to.add("Mul", "mean", to.sum("total", rows, 1), to.scalar("per_element", 1.0 / shape.count()));
        String centred = to.add("Sub", "centred", x, mean);
        String squares = to.sum("square_rows", to.add("Mul", "squares", centred, centred), 2);
        String variance = to.add(
                "Mul", "variance", to.sum("square_total", squares, 1), to.scalar("per_square", 1.0 / shape.count()));
        String deviation =
                to.add("Sqrt", "deviation", to.add("Add", "safe", variance, to.scalar("epsilon", norm.epsilon())));
        Shape channels = Shape.of(shape.size(2));
        String scale = to.add("Div", "scale", to.constant("gamma", norm.gamma().reshaped(channels)), deviation);
        String scaled = to.add("Mul", "scaled", centred, scale);
        String shifted =
                to.add("Add", "shifted", scaled, to.constant("beta", norm.beta().reshaped(channels)));

        List<Node> out = new ArrayList<>(norm.nodes());
        out.add(transpose);
        for (Node after : graph.consumers(norm.output())) {
            out.add(after);
            long[] order = after.integers("perm").stream()
                    .mapToLong(axis -> SWAP.get(axis.intValue()))
                    .toArray();
            to.add(Node.of("Transpose", List.of(shifted), after.output()).withIntegers("perm", order));
        }
        graph.replace(out, to.nodes());
    }
}
