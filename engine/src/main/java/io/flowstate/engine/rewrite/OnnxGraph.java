package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
 * An ONNX graph that can be searched and changed. Values are known by name, as in ONNX; each has one producer. Weights stay in the mapped file.
 *
 * <p>Not thread-safe.
 */
final class OnnxGraph {
    private static final int PIECE_BYTES = 1 << 20;

    private final ModelProto model;
    private final Map<String, TensorProto> constants = new LinkedHashMap<>();
    private final Map<String, Node> producers = new LinkedHashMap<>();
    private final Map<String, Set<Node>> consumers = new HashMap<>();
    private final Set<String> results = new HashSet<>();
    private final Set<String> published = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private Map<String, Shape> shapes = Map.of();

    private OnnxGraph(ModelProto model) {
        this.model = model;
        GraphProto graph = model.getGraph();
        graph.getInitializerList().forEach(each -> constants.put(each.getName(), each));
        published.addAll(constants.keySet());
        graph.getOutputList().forEach(each -> results.add(each.getName()));
        graph.getNodeList().forEach(each -> add(new Node(each)));
        names.addAll(constants.keySet());
        graph.getInputList().forEach(each -> names.add(each.getName()));
        inferShapes();
    }

    /**
     * @param arena holds the file's mapping; the graph must not be used once it is closed
     * @throws IOException if the file cannot be read, is no ONNX model, or is larger than such a file can be (2 GB)
     */
    static OnnxGraph read(Path file, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new IOException(file + " is too large for an ONNX model");
            }
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
                    .asByteBuffer();
            // What is known not to change may be shared instead of copied.
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(mapped).newCodedInput();
            in.enableAliasing(true);
            in.setSizeLimit(Integer.MAX_VALUE);
            return new OnnxGraph(ModelProto.parseFrom(in));
        }
    }

    static OnnxGraph of(ModelProto model) {
        return new OnnxGraph(model);
    }

    /** Writes the graph as it is now, without the constants that nothing uses any more. */
    void write(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), PIECE_BYTES)) {
            toModel().writeTo(out);
        }
    }

    ModelProto toModel() {
        GraphProto.Builder graph =
                model.getGraph().toBuilder().clearNode().clearInitializer().clearValueInfo();
        nodes().forEach(node -> graph.addNode(node.proto()));
        constants.values().stream()
                .filter(each -> consumers.containsKey(each.getName()) || results.contains(each.getName()))
                .forEach(graph::addInitializer);
        // Old exports list their constants among the inputs; those that are gone would have to be given.
        graph.clearInput();
        model.getGraph().getInputList().stream()
                .filter(each -> !published.contains(each.getName()))
                .forEach(graph::addInput);
        ModelProto.Builder changed = model.toBuilder().setGraph(graph);
        if (model.getOpsetImportList().stream()
                .noneMatch(each -> each.getDomain().equals(Node.RUNTIME_DOMAIN))) {
            changed.addOpsetImport(OperatorSetIdProto.newBuilder()
                    .setDomain(Node.RUNTIME_DOMAIN)
                    .setVersion(1));
        }
        return changed.build();
    }

    /** Whether some operator holds a graph of its own (If, Loop, Scan), which can take values of this one without saying so. */
    boolean hasInnerGraphs() {
        return producers.values().stream()
                .flatMap(node -> node.proto().getAttributeList().stream())
                .anyMatch(each -> each.hasG() || each.getGraphsCount() > 0);
    }

    /** The version of ONNX's own operators. */
    long opset() {
        return model.getOpsetImportList().stream()
                .filter(each -> each.getDomain().isEmpty())
                .mapToLong(OperatorSetIdProto::getVersion)
                .findFirst()
                .orElse(0);
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
        model.getGraph()
                .getInputList()
                .forEach(each -> Shapes.declared(each).ifPresent(shape -> shapes.put(each.getName(), shape)));
        constants.forEach((name, tensor) -> shapes.put(name, new Shape(tensor.getDimsList())));
        Shapes inference = new Shapes(this);
        nodes().forEach(node -> shapes.putAll(inference.of(node)));
    }
}
