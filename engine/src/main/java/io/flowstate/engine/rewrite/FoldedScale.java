package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Optional;

/**
 * A factor for each column of a matrix product's result (LayerScale, for one) belongs into the product's weights:
 *
 * <pre>s ⊙ (x W + b) = x (W diag(s)) + (s ⊙ b)</pre>
 *
 * Between the product and the factor there may be reshapes that leave the last axis alone.
 */
final class FoldedScale implements Rule {
    @Override
    public String name() {
        return "folded-scale";
    }

    @Override
    public String anchor() {
        return "Mul";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node scale) {
        Optional<Weights> factor = graph.factor(scale);
        Optional<Node> product = factor.isPresent() ? product(graph, scale) : Optional.empty();
        if (product.isEmpty() || !fits(graph, factor.get(), product.get(), scale)) {
            return false;
        }
        fold(graph, scale, factor.get(), product.get());
        return true;
    }

    private static Optional<Node> product(OnnxGraph graph, Node scale) {
        String at = graph.variableInput(scale);
        while (graph.isPrivate(at)) {
            Optional<Node> before = graph.producer(at);
            if (before.filter(node -> node.is("Gemm")).isPresent()) {
                return before;
            }
            Optional<Shape> shape = graph.shape(at);
            Optional<Shape> from =
                    before.filter(node -> node.is("Reshape")).flatMap(node -> graph.shape(node.input(0)));
            if (shape.isEmpty()
                    || from.isEmpty()
                    || from.get().size(-1) != shape.get().size(-1)) {
                return Optional.empty();
            }
            at = before.orElseThrow().input(0);
        }
        return Optional.empty();
    }

    private static boolean fits(OnnxGraph graph, Weights factor, Node product, Node scale) {
        Optional<Shape> result = graph.shape(scale.output());
        return result.isPresent()
                && result.equals(graph.shape(graph.variableInput(scale)))
                && factor.shape().isVectorAlong(1)
                && factor.count() == result.get().size(-1)
                && product.hasInput(2)
                && product.number("alpha", 1) == 1
                && product.number("beta", 1) == 1
                && graph.weights(product.input(1)).isPresent()
                && graph.weights(product.input(2))
                        .filter(bias -> bias.count() == factor.count())
                        .isPresent();
    }

    private static void fold(OnnxGraph graph, Node scale, Weights factor, Node product) {
        Weights weights = graph.weights(product.input(1)).orElseThrow();
        Weights bias = graph.weights(product.input(2)).orElseThrow();
        int columns = weights.shape().sizeAsInt(1);
        boolean transposed = product.integer("transB", 0) != 0;
        Weights scaled = Weights.generate(
                weights.shape(), at -> (double) weights.get(at) * factor.get(transposed ? at / columns : at % columns));
        Weights shifted = Weights.generate(bias.shape(), at -> (double) bias.get(at) * factor.get(at));
        Node folded = product.withInputs(
                List.of(product.input(0), graph.add(product.input(1), scaled), graph.add(product.input(2), shifted)));
        graph.replace(List.of(product), List.of(folded));
        graph.bypass(scale, graph.variableInput(scale));
    }
}
