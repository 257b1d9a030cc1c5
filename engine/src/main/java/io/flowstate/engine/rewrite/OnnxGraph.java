package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model's graph that can be searched and changed. Values are known by name, as in ONNX; each has one producer.
 *
 * <p>Not thread-safe.
 */
final class OnnxGraph {
    private final OnnxModel published;
    private final Map<String, TensorProto> constants = new LinkedHashMap<>();
    private final Map<String, Node> producers = new LinkedHashMap<>();
    private final Map<String, Set<Node>> consumers = new HashMap<>();
    private final Set<String> results = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private Map<String, Shape> shapes = Map.of();

    OnnxGraph(OnnxModel published) {
        this.published = published;
        GraphProto graph = published.graph();
        graph.getInitializerList().forEach(each -> constants.put(each.getName(), each));
        graph.getOutputList().forEach(each -> results.add(each.getName()));
        graph.getNodeList().forEach(each -> add(new Node(each)));
        names.addAll(constants.keySet());
        graph.getInputList().forEach(each -> names.add(each.getName()));
        inferShapes();
    }

    /** The model with the graph as it is now, without the constants that nothing uses any more. */
    OnnxModel model() {
        return published.with(
                nodes(),
                constants.values().stream()
                        .filter(each -> consumers.containsKey(each.getName()) || results.contains(each.getName()))
                        .toList());
    }

    /** In an order in which each comes after those whose outputs it takes. */
    List<Node> nodes() {
        List<Node> sorted = new ArrayList<>();
        Set<Node> done = new HashSet<>();
        List<Node> open = new ArrayList<>();
        for (Node node : producers.values()) {
            open.add(node);
            while (!open.isEmpty()) {
                Node next = open.getLast();
                List<Node> before = next.inputs().stream()
                        .map(producers::get)
                        .filter(each -> each != null && !done.contains(each))
                        .toList();
                if (before.isEmpty()) {
                    open.removeLast();
                    if (done.add(next)) {
                        sorted.add(next);
                    }
                } else {
                    open.addAll(before);
                }
            }
        }
        return sorted;
    }

    List<Node> nodes(String type) {
        return nodes().stream().filter(node -> node.is(type)).toList();
    }

    boolean contains(Node node) {
        return node.equals(producers.get(node.output()));
    }

    Optional<Node> producer(String value) {
        return Optional.ofNullable(producers.get(value));
    }

    Set<Node> consumers(String value) {
        return consumers.getOrDefault(value, Set.of());
    }

    boolean isResult(String value) {
        return results.contains(value);
    }

    /** Whether exactly one node takes the value, at one place, and nobody outside the graph does. */
    boolean isPrivate(String value) {
        return !isResult(value)
                && consumers(value).size() == 1
                && consumers(value).iterator().next().inputs().stream()
                                .filter(value::equals)
                                .count()
                        == 1;
    }

    boolean isConstant(String value) {
        return constants.containsKey(value);
    }

    Optional<Weights> weights(String value) {
        return Optional.ofNullable(constants.get(value)).flatMap(Weights::read);
    }

    /** A constant of whole numbers. */
    Optional<List<Long>> integers(String value) {
        return Optional.ofNullable(constants.get(value)).flatMap(Integers::read);
    }

    Optional<Shape> shape(String value) {
        return Optional.ofNullable(shapes.get(value));
    }

    /** The same, where a rule has seen that it is known. */
    Shape knownShape(String value) {
        return shape(value).orElseThrow(() -> new IllegalArgumentException("no shape for " + value));
    }

    /**
     * The nodes that follow a value, if each has the type that is said, and all but the last one's outputs go nowhere else.
     *
     * @return as many as types, or none
     */
    List<Node> below(String value, String... types) {
        List<Node> found = new ArrayList<>();
        String at = value;
        for (String type : types) {
            if (!isPrivate(at)) {
                return List.of();
            }
            Node next = consumers(at).iterator().next();
            if (!next.is(type)) {
                return List.of();
            }
            found.add(next);
            at = next.output();
        }
        return found;
    }

    /**
     * The nodes that lead to a value along their inputs that are not constant, nearest first, if each has the type that is said and feeds nothing else.
     *
     * @return as many as types, or none
     */
    List<Node> above(String value, String... types) {
        List<Node> found = new ArrayList<>();
        String at = value;
        for (String type : types) {
            Optional<Node> before = producer(at).filter(node -> node.is(type));
            if (before.isEmpty() || !isPrivate(at)) {
                return List.of();
            }
            found.add(before.get());
            at = variableInput(before.get());
        }
        return found;
    }

    /** The first input that is no constant. */
    String variableInput(Node node) {
        return node.inputs().stream()
                .filter(each -> !isConstant(each))
                .findFirst()
                .orElse("");
    }

    /** The constant among the two inputs of a commutative operator. */
    Optional<Weights> factor(Node node) {
        return weights(node.input(0)).or(() -> weights(node.input(1)));
    }

    /** Whether a Gemm multiplies by a constant table and adds a constant row of one number for each column. */
    boolean hasPlainWeights(Node product) {
        Optional<Weights> table = weights(product.input(1));
        return table.isPresent()
                && weights(product.input(2))
                        .filter(row ->
                                row.shape().equals(Shape.of(table.get().shape().size(1))))
                        .isPresent();
    }

    /** A name that no value has yet. */
    String fresh(String like) {
        String name = like;
        for (int i = 2; !names.add(name); i++) {
            name = like + "_" + i;
        }
        return name;
    }

    String add(String like, Weights weights) {
        String name = fresh(like);
        constants.put(name, weights.write(name));
        shapes.put(name, weights.shape());
        return name;
    }

    /** Adds a constant of whole numbers with one axis. */
    String addIntegers(String like, long... values) {
        String name = fresh(like);
        constants.put(name, Integers.write(name, values));
        shapes.put(name, Shape.of(values.length));
        return name;
    }

    /** A node, not yet in the graph, that gives a value another shape. */
    Node reshape(String value, Shape shape, String output) {
        return Node.of("Reshape", List.of(value, addIntegers(output + "_shape", shape.toArray(0))), output);
    }

    /** What is put in must give every value that what is taken out gave and others still take. */
    void replace(Collection<Node> out, Collection<Node> in) {
        out.forEach(this::remove);
        in.forEach(this::add);
        // Weights that nobody takes any more would be most of the memory.
        out.stream()
                .flatMap(node -> node.inputs().stream())
                .filter(each -> !consumers.containsKey(each) && !isResult(each))
                .forEach(constants::remove);
    }

    /** Takes out a node with one output, and lets all who took that take another value instead. */
    void bypass(Node out, String instead) {
        if (isResult(out.output())) {
            // The name is part of the graph's signature.
            replace(List.of(out), List.of(Node.of("Identity", List.of(instead), out.output())));
            return;
        }
        for (Node taker : List.copyOf(consumers(out.output()))) {
            List<String> inputs = taker.inputs().stream()
                    .map(each -> each.equals(out.output()) ? instead : each)
                    .toList();
            replace(List.of(taker), List.of(taker.withInputs(inputs)));
        }
        replace(List.of(out), List.of());
    }

    private void remove(Node node) {
        node.outputs().forEach(producers::remove);
        for (String input : node.inputs()) {
            Set<Node> takers = consumers.get(input);
            if (takers != null) {
                takers.remove(node);
                if (takers.isEmpty()) {
                    consumers.remove(input);
                }
            }
        }
    }

    private void add(Node node) {
        names.addAll(node.outputs());
        // An empty name says that there is no such input or output.
        node.outputs().stream().filter(output -> !output.isEmpty()).forEach(output -> producers.put(output, node));
        node.inputs().stream()
                .filter(input -> !input.isEmpty())
                .forEach(input -> consumers
                        .computeIfAbsent(input, _ -> new LinkedHashSet<>())
                        .add(node));
    }

    /** Finds the shapes of what has been added since the last time. */
    void inferShapes() {
        shapes = new HashMap<>();
        published
                .graph()
                .getInputList()
                .forEach(each -> Shapes.declared(each).ifPresent(shape -> shapes.put(each.getName(), shape)));
        constants.forEach((name, tensor) -> shapes.put(name, new Shape(tensor.getDimsList())));
        Shapes inference = new Shapes(this);
        nodes().forEach(node -> shapes.putAll(inference.of(node)));
    }
}
