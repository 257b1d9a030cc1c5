package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which shapes an operator's outputs have, by the ONNX specification (opsets from 13), for the operators that rules look at. Of others, and where a size depends on data, nothing is known.
 */
final class Shapes {
    private final OnnxGraph graph;

    Shapes(OnnxGraph graph) {
        this.graph = graph;
    }

    static Optional<Shape> declared(ValueInfoProto value) {
        if (!value.getType().getTensorType().hasShape()) {
            return Optional.empty();
        }
        List<Long> sizes = new ArrayList<>();
        for (TensorShapeProto.Dimension each :
                value.getType().getTensorType().getShape().getDimList()) {
            if (each.getDimValue() <= 0) {
                return Optional.empty();
            }
            sizes.add(each.getDimValue());
        }
        return Optional.of(new Shape(sizes));
    }

    Map<String, Shape> of(Node node) {
        Optional<Shape> first = node.hasInput(0) ? graph.shape(node.input(0)) : Optional.empty();
        if (first.isEmpty()) {
            return Map.of();
        }
        if (node.is("Split")) {
            return split(node, first.get());
        }
        return output(node, first.get())
                .map(shape -> Map.of(node.output(), shape))
                .orElse(Map.of());
    }

    private Optional<Shape> output(Node node, Shape first) {
        return switch (node.type()) {
            case "Sigmoid",
                    "Sqrt",
                    "Erf",
                    "Tanh",
                    "Softmax",
                    "InstanceNormalization",
                    "LayerNormalization",
                    "Identity" -> Optional.of(first);
            case Node.RUNTIME_DOMAIN + ".MultiHeadAttention" -> attention(node, first);
            case "Add", "Sub", "Mul", "Div" -> graph.shape(node.input(1)).map(first::broadcast);
            case "MatMul" -> graph.shape(node.input(1)).flatMap(second -> product(first, second));
            case "Gemm" -> graph.shape(node.input(1)).map(second -> gemm(node, first, second));
            case "Conv" -> graph.shape(node.input(1)).flatMap(kernel -> convolution(node, first, kernel));
            case "ConvTranspose" -> graph.shape(node.input(1)).flatMap(kernel -> transposed(node, first, kernel));
            case "Transpose" ->
                Optional.of(first.permuted(node.integers("perm"))).filter(shape -> shape.rank() == first.rank());
            case "Reshape" ->
                constant(node, 1)
                        .filter(_ -> node.integer("allowzero", 0) == 0 && first.count() > 0)
                        .map(wanted -> reshaped(first, wanted));
            case "Squeeze" -> constant(node, 1).map(axes -> squeezed(first, axes));
            case "Unsqueeze" -> constant(node, 1).map(axes -> unsqueezed(first, axes));
            case "Gather" -> graph.shape(node.input(1)).map(places -> gathered(node, first, places));
            case "Slice" -> sliced(node, first);
            case "Pad" -> constant(node, 1).filter(_ -> !node.hasInput(3)).map(pads -> padded(first, pads));
            case "ReduceMean", "ReduceSum" -> reduced(node, first);
            default -> Optional.empty();
        };
    }

    /** Empty also when the input is missing, as older operators, whose attributes say it, have it. */
    private Optional<List<Long>> constant(Node node, int input) {
        return node.hasInput(input) ? graph.integers(node.input(input)) : Optional.empty();
    }

    /** Query, key and value as rows of all heads side by side. */
    private Optional<Shape> attention(Node node, Shape query) {
        return (node.hasInput(2) ? graph.shape(node.input(2)) : Optional.<Shape>empty())
                .filter(value -> query.rank() == 3 && value.rank() == 3)
                .map(value -> query.with(-1, value.size(-1)));
    }

    private Map<String, Shape> split(Node node, Shape first) {
        int axis = Math.floorMod(node.integer("axis", 0), first.rank());
        int parts = node.outputs().size();
        Optional<List<Long>> sizes = node.hasInput(1) ? constant(node, 1) : Optional.of(List.of());
        if (sizes.isEmpty() || (sizes.get().isEmpty() && first.size(axis) % parts != 0)) {
            return Map.of();
        }
        Map<String, Shape> shapes = new HashMap<>();
        for (int i = 0; i < parts; i++) {
            long size = sizes.get().isEmpty()
                    ? first.size(axis) / parts
                    : sizes.get().get(i);
            shapes.put(node.outputs().get(i), first.with(axis, size));
        }
        return shapes;
    }

    private static Optional<Shape> product(Shape first, Shape second) {
        if (first.rank() < 2 || second.rank() < 2) {
            return Optional.empty();
        }
        Shape batches =
                first.with(-1, 1).with(-2, 1).broadcast(second.with(-1, 1).with(-2, 1));
        return Optional.of(batches.with(-2, first.size(-2)).with(-1, second.size(-1)));
    }

    private static Shape gemm(Node node, Shape first, Shape second) {
        return Shape.of(
                first.size(node.integer("transA", 0) == 0 ? 0 : 1),
                second.size(node.integer("transB", 0) == 0 ? 1 : 0));
    }

    private static Optional<Shape> convolution(Node node, Shape input, Shape kernel) {
        Shape shape = input.with(1, kernel.size(0));
        Window window = new Window(node, input.rank() - 2);
        if (!window.isExplicit()) {
            return Optional.empty();
        }
        for (int axis = 0; axis < input.rank() - 2; axis++) {
            long covered = window.dilation(axis) * (kernel.size(axis + 2) - 1) + 1;
            long padded = input.size(axis + 2) + window.padding(axis);
            shape = shape.with(axis + 2, (padded - covered) / window.stride(axis) + 1);
        }
        return Optional.of(shape);
    }

    private static Optional<Shape> transposed(Node node, Shape input, Shape kernel) {
        Shape shape = input.with(1, kernel.size(1) * node.integer("group", 1));
        Window window = new Window(node, input.rank() - 2);
        if (!window.isExplicit() || node.has("output_padding") || node.has("output_shape")) {
            return Optional.empty();
        }
        for (int axis = 0; axis < input.rank() - 2; axis++) {
            long covered = window.dilation(axis) * (kernel.size(axis + 2) - 1) + 1;
            shape = shape.with(
                    axis + 2, window.stride(axis) * (input.size(axis + 2) - 1) + covered - window.padding(axis));
        }
        return Optional.of(shape);
    }

    private static Shape reshaped(Shape from, List<Long> wanted) {
        Shape shape = new Shape(wanted);
        int open = wanted.indexOf(-1L);
        for (int axis = 0; axis < wanted.size(); axis++) {
            if (wanted.get(axis) == 0) {
                shape = shape.with(axis, from.size(axis));
            }
        }
        return open < 0
                ? shape
                : shape.with(open, from.count() / shape.with(open, 1).count());
    }

    private static Shape squeezed(Shape from, List<Long> axes) {
        List<Long> sizes = new ArrayList<>();
        for (int axis = 0; axis < from.rank(); axis++) {
            if (!axes.contains((long) axis) && !axes.contains((long) axis - from.rank())) {
                sizes.add(from.size(axis));
            }
        }
        return new Shape(sizes);
    }

    private static Shape unsqueezed(Shape from, List<Long> axes) {
        List<Long> sizes = new ArrayList<>(from.sizes());
        int rank = from.rank() + axes.size();
        axes.stream().map(axis -> Math.floorMod(axis, rank)).sorted().forEach(axis -> sizes.add(axis, 1L));
        return new Shape(sizes);
    }

    private static Shape gathered(Node node, Shape from, Shape places) {
        int axis = Math.floorMod(node.integer("axis", 0), from.rank());
        List<Long> sizes = new ArrayList<>(from.sizes());
        sizes.remove(axis);
        sizes.addAll(axis, places.sizes());
        return new Shape(sizes);
    }

    private Optional<Shape> sliced(Node node, Shape from) {
        Optional<Slice> slice = Slice.of(graph, node, from);
        return slice.map(cut -> from.with(cut.axis(), cut.size()));
    }

    private static Shape padded(Shape from, List<Long> pads) {
        Shape shape = from;
        for (int axis = 0; axis < from.rank(); axis++) {
            shape = shape.with(axis, from.size(axis) + pads.get(axis) + pads.get(axis + from.rank()));
        }
        return shape;
    }

    private Optional<Shape> reduced(Node node, Shape from) {
        Optional<List<Long>> axes = node.hasInput(1) ? constant(node, 1) : Optional.of(node.integers("axes"));
        if (node.integer("keepdims", 1) == 0 || axes.isEmpty() || axes.get().isEmpty()) {
            return Optional.empty();
        }
        Shape shape = from;
        for (long axis : axes.get()) {
            shape = shape.with((int) axis, 1);
        }
        return Optional.of(shape);
    }
}
