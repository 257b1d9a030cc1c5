package io.flowstate.app;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.flowstate.testkit.TinyOnnx;
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
                        .addInput(TinyOnnx.value("x", ROWS, INNER))
                        .addInitializer(weights("w", INNER, COLUMNS))
                        .addInitializer(weights("b", COLUMNS))
                        .addInitializer(weights("s", COLUMNS))
                        .addNode(TinyOnnx.node("Gemm", List.of("x", "w", "b"), "product"))
                        .addNode(TinyOnnx.node("Mul", List.of("product", "s"), "scaled"))
                        .addNode(TinyOnnx.node("Tanh", List.of("scaled"), "y"))
                        .addOutput(TinyOnnx.value("y", ROWS, COLUMNS)))
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
}
