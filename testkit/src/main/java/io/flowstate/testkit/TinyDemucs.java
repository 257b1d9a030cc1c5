package io.flowstate.testkit;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Makes graphs with the inputs and outputs of HTDemucs that do almost nothing: stem s is {@code spectral[s]} times the input by way of the spectrogram plus {@code time[s]} times the
 * input by way of the waveform. What a right host makes of them is known in closed form: (spectral[s] + time[s]) · mix.
 *
 * @param size samples of a window
 * @param bins half the transform's length
 * @param spectral gain of each stem's spectral branch
 * @param time gain of each stem's time branch
 * @param work how many 512³ products a run computes and throws away, to make it slow
 * @param held how many squares of 512² numbers, a MiB each, it computes at once before that, to make it large
 */
public record TinyDemucs(int size, int bins, List<Float> spectral, List<Float> time, int work, int held) {
    private static final int WORK_SIZE = 512;

    public TinyDemucs(int size, int bins, List<Float> spectral, List<Float> time) {
        this(size, bins, spectral, time, 0, 0);
    }

    /** The published model's shapes with four stems whose gains add up to 1. */
    public static TinyDemucs fullSize() {
        return new TinyDemucs(343_980, 2048, List.of(0.1f, 0.2f, 0.05f, 0.15f), List.of(0.2f, 0.1f, 0.15f, 0.05f));
    }

    /** The same at a hundredth of the size. */
    public static TinyDemucs small() {
        return new TinyDemucs(3_440, 32, List.of(0.1f, 0.2f, 0.05f, 0.15f), List.of(0.2f, 0.1f, 0.15f, 0.05f));
    }

    /** The same with six stems, in the time branch alone: 0.1, 0.2 and so on times the input. */
    public static TinyDemucs smallWithSixStems() {
        return smallInTime(List.of(0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f));
    }

    /** Four graphs of four stems, in the time branch alone. No two rows of any of them are equal, so that it shows which graph a stem was taken from: row s of graph g is (g + 1)·0.2 + (s + 1)·0.01 times the input. */
    public static List<TinyDemucs> smallBag() {
        return List.of(
                smallInTime(List.of(0.21f, 0.22f, 0.23f, 0.24f)),
                smallInTime(List.of(0.41f, 0.42f, 0.43f, 0.44f)),
                smallInTime(List.of(0.61f, 0.62f, 0.63f, 0.64f)),
                smallInTime(List.of(0.81f, 0.82f, 0.83f, 0.84f)));
    }

    private static TinyDemucs smallInTime(List<Float> gains) {
        return new TinyDemucs(3_440, 32, gains.stream().map(_ -> 0f).toList(), gains);
    }

    public TinyDemucs slowedBy(int products) {
        return new TinyDemucs(size, bins, spectral, time, products, held);
    }

    public TinyDemucs holding(int squares) {
        return new TinyDemucs(size, bins, spectral, time, work, squares);
    }

    public float gain(int stem) {
        return spectral.get(stem) + time.get(stem);
    }

    public Path writeTo(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            model().writeTo(out);
        }
        return file;
    }

    private ModelProto model() {
        int frames = Math.ceilDiv(size, bins / 2);
        int stems = spectral.size();
        GraphProto.Builder graph = GraphProto.newBuilder()
                .setName("tiny-demucs")
                .addInput(TinyOnnx.value("wave", 1, 2, size))
                .addInput(TinyOnnx.value("spectrogram", 1, 4, bins, frames))
                .addInitializer(floats("spectral", spectral, stems, 1, 1, 1))
                .addInitializer(floats("time", time, stems, 1, 1))
                .addInitializer(longs("axis", 1, 1))
                .addNode(TinyOnnx.node("Unsqueeze", List.of("spectrogram", "axis"), "s"))
                .addNode(TinyOnnx.node("Unsqueeze", List.of("wave", "axis"), "w"))
                .addNode(TinyOnnx.node("Mul", List.of("s", "spectral"), "out_spectral"))
                .addOutput(TinyOnnx.value("out_spectral", 1, stems, 4, bins, frames))
                .addOutput(TinyOnnx.value("out_time", 1, stems, 2, size));
        String wave = addWork(graph);
        graph.addNode(TinyOnnx.node("Mul", List.of(wave, "time"), "out_time"));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
                .setGraph(graph)
                .build();
    }

    /** Products of a matrix that depends on the input, so that they are not folded away; their sum is multiplied by 0 and added. */
    private String addWork(GraphProto.Builder graph) {
        if (work == 0 && held == 0) {
            return "w";
        }
        graph.addInitializer(longs("squares", 3, Math.max(1, held), WORK_SIZE, WORK_SIZE))
                .addInitializer(floats("nothing", List.of(0f), 1))
                .addNode(mean("wave", "mean"))
                .addNode(TinyOnnx.node("Expand", List.of("mean", "squares"), "flat"))
                .addNode(TinyOnnx.node("Tanh", List.of("flat"), "curved"))
                .addNode(mean("curved", "product0", 0));
        for (int i = 0; i < work; i++) {
            graph.addNode(TinyOnnx.node("MatMul", List.of("product" + i, "product" + i), "raw" + i))
                    .addNode(TinyOnnx.node("Tanh", List.of("raw" + i), "product" + (i + 1)));
        }
        graph.addNode(mean("product" + work, "last"))
                .addNode(TinyOnnx.node("Mul", List.of("last", "nothing"), "zero"))
                .addNode(TinyOnnx.node("Add", List.of("w", "zero"), "worked"));
        return "worked";
    }

    /** @param axes over which the mean is taken, and which are gone then; none stands for all */
    private static NodeProto mean(String of, String output, long... axes) {
        NodeProto.Builder node = TinyOnnx.node("ReduceMean", List.of(of), output).toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName("keepdims")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(0));
        if (axes.length > 0) {
            node.addAttribute(AttributeProto.newBuilder()
                    .setName("axes")
                    .setType(AttributeProto.AttributeType.INTS)
                    .addAllInts(LongStream.of(axes).boxed().toList()));
        }
        return node.build();
    }

    private static TensorProto floats(String name, List<Float> values, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addAllFloatData(values);
        for (long size : shape) {
            tensor.addDims(size);
        }
        return tensor.build();
    }

    private static TensorProto longs(String name, int count, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(count);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor.build();
    }
}
