package io.flowstate.engine.rewrite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects the nodes of a replacement, which are named after what they replace. */
final class Builder {
    private final OnnxGraph graph;
    private final String prefix;
    private final List<Node> nodes = new ArrayList<>();

    Builder(OnnxGraph graph, String prefix) {
        this.graph = graph;
        this.prefix = prefix;
    }

    List<Node> nodes() {
        return nodes;
    }

    /** A name that no value has yet. */
    String name(String what) {
        return graph.fresh(prefix + "/" + what);
    }

    /** Gives the node's output. */
    String add(Node node) {
        nodes.add(node);
        return node.output();
    }

    String add(String type, String what, String... inputs) {
        return add(Node.of(type, List.of(inputs), name(what)));
    }

    /** Sums over axes, which stay as axes of size 1. */
    String sum(String what, String value, long... axes) {
        return add("ReduceSum", what, value, graph.addIntegers(name(what + "_axes"), axes));
    }

    /** Parts of equal size of the second axis, in their order. */
    List<String> split(String what, String value, int parts, long size) {
        long[] sizes = new long[parts];
        Arrays.fill(sizes, size);
        String[] outputs = new String[parts];
        Arrays.setAll(outputs, part -> name(what + part));
        String said = graph.addIntegers(name(what + "_sizes"), sizes);
        add(Node.of("Split", List.of(value, said), outputs).withInteger("axis", 1));
        return List.of(outputs);
    }

    String scalar(String what, double value) {
        return constant(what, Weights.of(Shape.of(), (float) value));
    }

    String constant(String what, Weights weights) {
        return graph.add(prefix + "/" + what, weights);
    }
}
