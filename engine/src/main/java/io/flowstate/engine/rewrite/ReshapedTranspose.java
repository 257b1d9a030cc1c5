package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Optional;

/** A transposition that only moves axes of size 1 leaves every element where it is: it becomes a reshape, which costs nothing where a transposition copies. */
final class ReshapedTranspose implements Rule {
    @Override
    public String name() {
        return "reshaped-transpose";
    }

    @Override
    public String anchor() {
        return "Transpose";
    }

    @Override
    public boolean replaceAt(OnnxGraph graph, Node node) {
        Optional<Shape> from = graph.shape(node.input(0));
        List<Long> order = node.integers("perm");
        if (from.isEmpty() || order.size() != from.get().rank() || !from.get().keepsOrderWhen(order)) {
            return false;
        }
        graph.replace(
                List.of(node), List.of(graph.reshape(node.input(0), from.get().permuted(order), node.output())));
        return true;
    }
}
