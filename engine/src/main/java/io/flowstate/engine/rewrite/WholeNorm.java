package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Optional;

/**
 * A group normalisation with one group as PyTorch exports it: x [n][c][...] is flattened to [n][1][c·...], instance-normalised, given its shape back, multiplied by gamma and increased by beta of
 * each channel.
 *
 * @param nodes in their order
 * @param shape of the input and the output
 * @param gamma as many as channels
 * @param beta as many as channels
 */
record WholeNorm(List<Node> nodes, Shape shape, Weights gamma, Weights beta, float epsilon) {
    static Optional<WholeNorm> at(OnnxGraph graph, Node reshape) {
        List<Node> below = graph.below(reshape.output(), "InstanceNormalization", "Reshape", "Mul", "Add");
        Optional<Shape> shape = graph.shape(reshape.input(0));
        if (below.isEmpty() || shape.isEmpty() || shape.get().rank() < 3) {
            return Optional.empty();
        }
        Node norm = below.get(0);
        Shape flat = Shape.of(
                shape.get().size(0), 1, shape.get().count() / shape.get().size(0));
        boolean plain = graph.weights(norm.input(1))
                        .filter(scale -> scale.isAll(1))
                        .isPresent()
                && graph.weights(norm.input(2)).filter(bias -> bias.isAll(0)).isPresent();
        boolean back = graph.shape(reshape.output()).equals(Optional.of(flat))
                && graph.shape(below.get(1).output()).equals(shape);
        if (!plain || !back) {
            return Optional.empty();
        }
        return channels(graph, below.get(2), shape.get())
                .flatMap(gamma -> channels(graph, below.get(3), shape.get())
                        .map(beta -> new WholeNorm(
                                List.of(reshape, below.get(0), below.get(1), below.get(2), below.get(3)),
                                shape.get(),
                                gamma,
                                beta,
                                norm.number("epsilon", 1e-5f))));
    }

    private static Optional<Weights> channels(OnnxGraph graph, Node node, Shape shape) {
        return graph.factor(node)
                .filter(each -> each.shape().rank() <= shape.rank()
                        && each.shape().isVectorAlong(shape.rank() - 1)
                        && each.count() == shape.size(1));
    }

    String input() {
        return nodes.getFirst().input(0);
    }

    String output() {
        return nodes.getLast().output();
    }
}
