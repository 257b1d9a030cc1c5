package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Optional;

/**
 * A convolution whose outputs are split into two halves a and g, of which a · sigmoid(g) is taken (a gated linear unit), becomes two convolutions with half of the filters each:
 *
 * <pre>(W x)[first half] · σ((W x)[second half]) = (W₁ x) · σ(W₂ x)</pre>
 *
 * Nothing is computed otherwise than before; but the halves are never copied out of a common tensor, and the runtime computes the sigmoid with the convolution that it follows.
 */
final class GatedConvolution implements Rule {
    @Override
    public String name() {
        return "gated-convolution";
    }

    @Override
    public String anchor() {
        return "Conv";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node convolution) {
        List<Node> below = graph.below(convolution.output(), "Split");
        return !below.isEmpty()
                && isGate(graph, below.getFirst())
                && convolution.integer("group", 1) == 1
                && halve(graph, convolution, below.getFirst());
    }

    /** Whether the second half goes through a sigmoid and both halves are of one size. */
    private static boolean isGate(OnnxGraph graph, Node split) {
        if (split.outputs().size() != 2 || split.integer("axis", 0) != 1) {
            return false;
        }
        Optional<Shape> first = graph.shape(split.outputs().get(0));
        return first.isPresent()
                && first.equals(graph.shape(split.outputs().get(1)))
                && !graph.below(split.outputs().get(1), "Sigmoid", "Mul").isEmpty();
    }

    private static boolean halve(OnnxGraph graph, Node convolution, Node split) {
        Optional<Weights> filters = graph.weights(convolution.input(1));
        Optional<Weights> bias = convolution.hasInput(2) ? graph.weights(convolution.input(2)) : Optional.empty();
        if (filters.isEmpty() || bias.isEmpty()) {
            return false;
        }
        int half = filters.get().shape().sizeAsInt(0) / 2;
        graph.replace(
                List.of(convolution, split),
                List.of(
                        part(
                                        graph,
                                        convolution,
                                        filters.get().rows(0, half),
                                        bias.get().rows(0, half))
                                .withOutput(split.outputs().get(0)),
                        part(
                                        graph,
                                        convolution,
                                        filters.get().rows(half, 2 * half),
                                        bias.get().rows(half, 2 * half))
                                .withOutput(split.outputs().get(1))));
        return true;
    }

    private static Node part(OnnxGraph graph, Node convolution, Weights filters, Weights bias) {
        return convolution.withInputs(List.of(
                convolution.input(0), graph.add(convolution.input(1), filters), graph.add(convolution.input(2), bias)));
    }
}
