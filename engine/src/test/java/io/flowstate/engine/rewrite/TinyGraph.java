package io.flowstate.engine.rewrite;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.flowstate.core.Cancellation;
import io.flowstate.testkit.TinyOnnx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** A graph made for one test: an input {@code x}, some operators with random weights, and an output {@code y}; to be run as it is and as a rule rewrites it. */
final class TinyGraph {
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("tiny");
    private final SplittableRandom random = new SplittableRandom(7);
    private int opset = 17;
    private int named;

    TinyGraph(long... shape) {
        input("x", shape);
    }

    TinyGraph input(String name, long... shape) {
        graph.addInput(TinyOnnx.value(name, shape));
        return this;
    }

    TinyGraph opset(int version) {
        opset = version;
        return this;
    }

    /** The name of a new constant of normally distributed floats. */
    String weights(long... shape) {
        return constant(Weights.generate(Shape.of(shape), _ -> random.nextGaussian()));
    }

    String all(double value, long... shape) {
        return constant(Weights.generate(Shape.of(shape), _ -> value));
    }

    String integers(long... values) {
        String name = "i" + named++;
        graph.addInitializer(Integers.write(name, values));
        return name;
    }

    /** A whole number without axes, as exporters write the place of a Gather. */
    String place(long value) {
        String name = "p" + named++;
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addInt64Data(value));
        return name;
    }

    private String constant(Weights weights) {
        String name = "w" + named++;
        graph.addInitializer(weights.write(name));
        return name;
    }

    /** The name of what an operator gives. */
    String node(String type, String... inputs) {
        return node(Node.of(type, List.of(inputs), "v" + named++));
    }

    String node(Node node) {
        graph.addNode(node.proto());
        return node.output();
    }

    String reshape(String value, long... shape) {
        return node("Reshape", value, integers(shape));
    }

    String transpose(String value, long... order) {
        return node(Node.of("Transpose", List.of(value), "v" + named++).withIntegers("perm", order));
    }

    /** A group normalisation with one group, as PyTorch exports it. */
    String wholeNorm(String value, long batch, long channels, long... rest) {
        long[] shape = new long[2 + rest.length];
        long[] vector = new long[1 + rest.length];
        Arrays.fill(vector, 1);
        shape[0] = batch;
        shape[1] = channels;
        vector[0] = channels;
        System.arraycopy(rest, 0, shape, 2, rest.length);
        String flat = reshape(value, 0, 1, -1);
        String normal = node(Node.of("InstanceNormalization", List.of(flat, all(1, 1), all(0, 1)), "v" + named++)
                .withNumber("epsilon", 1e-5f));
        String scaled = node("Mul", reshape(normal, shape), weights(vector));
        return node("Add", scaled, weights(vector));
    }

    /** @param outputs values, renamed to y, y1, ... */
    TinyGraph gives(String... outputs) {
        for (int i = 0; i < outputs.length; i++) {
            String name = i == 0 ? "y" : "y" + i;
            graph.addNode(Node.of("Neg", List.of(outputs[i]), name).proto());
            graph.addOutput(ValueInfoProto.newBuilder()
                    .setName(name)
                    .setType(TypeProto.newBuilder()
                            .setTensorType(TypeProto.Tensor.newBuilder()
                                    .setElemType(TensorProto.DataType.FLOAT.getNumber()))));
        }
        return this;
    }

    ModelProto model() {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
                .setGraph(graph)
                .build();
    }

    /** To be searched and changed. */
    OnnxGraph asOnnx() {
        return new OnnxGraph(new OnnxModel(model()));
    }

    Path writeTo(Path file) {
        try {
            new OnnxModel(model()).write(file);
            return file;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The graph, changed by a rule. */
    Rewritten by(Rule rule) {
        OnnxGraph changed = asOnnx();
        int count = rule.apply(changed);
        return new Rewritten(count, changed);
    }

    /** @param count how often the rule found its pattern */
    record Rewritten(int count, OnnxGraph graph) {
        /** The least of the outputs' distances from those of the graph as it was, in dB. */
        double decibels(TinyGraph before, Path folder) {
            Path after = writeTo(folder.resolve("after.onnx"));
            return Collections.min(new Comparison(1, new Cancellation())
                    .decibels(before.writeTo(folder.resolve("before.onnx")), after));
        }

        Path writeTo(Path file) {
            try {
                graph.model().write(file);
                return file;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        List<String> operators() {
            return graph.nodes().stream()
                    .map(node -> node.proto().getOpType())
                    .filter(type -> !type.equals("Neg"))
                    .toList();
        }
    }
}
