package io.flowstate.app;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** A graph that can be rewritten: a product of matrices with a factor for each of its columns, which belongs into the weights. */
final class TinyProduct {
    private static final int ROWS = 5;
    private static final int INNER = 7;
    private static final int COLUMNS = 4;

    private final SplittableRandom random = new SplittableRandom(7);

    Path writeTo(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            model().writeTo(out);
        }
        return file;
    }

    private ModelProto model() {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
                .setGraph(GraphProto.newBuilder()
                        .setName("tiny-product")
                        .addInput(value("x", ROWS, INNER))
                        .addInitializer(weights("w", INNER, COLUMNS))
                        .addInitializer(weights("b", COLUMNS))
                        .addInitializer(weights("s", COLUMNS))
                        .addNode(node("Gemm", List.of("x", "w", "b"), "product"))
                        .addNode(node("Mul", List.of("product", "s"), "scaled"))
                        .addNode(node("Tanh", List.of("scaled"), "y"))
                        .addOutput(value("y", ROWS, COLUMNS)))
                .build();
    }

    private TensorProto weights(String name, int... shape) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
        int count = 1;
        for (int size : shape) {
            tensor.addDims(size);
            count *= size;
        }
        for (int i = 0; i < count; i++) {
            tensor.addFloatData((float) random.nextGaussian());
        }
        return tensor.build();
    }

    private static NodeProto node(String type, List<String> inputs, String output) {
        return NodeProto.newBuilder()
                .setOpType(type)
                .addAllInput(inputs)
                .addOutput(output)
                .build();
    }

    private static ValueInfoProto value(String name, int... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (int size : shape) {
            dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT.getNumber())
                                .setShape(dimensions)))
                .build();
    }
}
