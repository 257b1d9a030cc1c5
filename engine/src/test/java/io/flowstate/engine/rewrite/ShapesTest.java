package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;
import io.flowstate.engine.Graph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShapesTest {
    @TempDir
    private Path folder;

    /** An operator, or a few, put into a graph; gives the value whose shape is asked for. */
    interface Operator extends Function<TinyGraph, String> {}

    record Case(TinyGraph graph, Operator operator) {
        /** What is inferred. */
        List<Shape> inferred() {
            String value = operator.apply(graph);
            graph.gives(value);
            return graph.asOnnx().shape(value).stream().toList();
        }
    }

    @ParameterizedTest
    @MethodSource
    void are_those_that_the_runtime_finds(Case one) throws IOException {
        List<Shape> inferred = one.inferred();

        assertThat(inferred).containsExactly(runtimes(one.graph(), 0));
    }

    static Stream<Named<Case>> are_those_that_the_runtime_finds() {
        return Stream.of(
                        elementwise(),
                        products(),
                        convolutions(),
                        transposedConvolutions(),
                        views(),
                        cuts(),
                        reductions())
                .flatMap(each -> each);
    }

    private static Stream<Named<Case>> elementwise() {
        return Stream.of(
                of("Sigmoid", in(2, 3), g -> g.node("Sigmoid", "x")),
                of("Sqrt", in(2, 3), g -> g.node("Sqrt", "x")),
                of("Erf", in(2, 3), g -> g.node("Erf", "x")),
                of("Tanh", in(2, 3), g -> g.node("Tanh", "x")),
                of("Identity", in(2, 3), g -> g.node("Identity", "x")),
                of("Softmax", in(2, 3), g -> g.node("Softmax", "x")),
                of(
                        "InstanceNormalization",
                        in(2, 3, 4),
                        g -> g.node("InstanceNormalization", "x", g.weights(3), g.weights(3))),
                of("LayerNormalization", in(2, 3, 4), g -> g.node("LayerNormalization", "x", g.weights(4))),
                of("Add, equal shapes", in(2, 3), g -> g.node("Add", "x", g.weights(2, 3))),
                of("Sub, fewer axes", in(2, 3, 4), g -> g.node("Sub", "x", g.weights(3, 1))),
                of("Mul, more axes", in(3), g -> g.node("Mul", "x", g.weights(2, 1, 3))),
                of("Div, both stretched", in(2, 1, 4), g -> g.node("Div", "x", g.weights(1, 3, 1))),
                of("Mul, with a number", in(2, 3), g -> g.node("Mul", "x", g.weights())),
                of(
                        "MultiHeadAttention, wider values",
                        in(1, 6, 8),
                        g -> g.node(node("MultiHeadAttention", "x", g.weights(1, 6, 8), g.weights(1, 6, 12))
                                .in(Node.RUNTIME_DOMAIN)
                                .withInteger("num_heads", 2))));
    }

    private static Stream<Named<Case>> products() {
        return Stream.of(
                of("MatMul", in(2, 3), g -> g.node("MatMul", "x", g.weights(3, 5))),
                of("MatMul, stretched batches", in(2, 1, 3, 4), g -> g.node("MatMul", "x", g.weights(7, 4, 5))),
                of("Gemm", in(2, 3), g -> g.node("Gemm", "x", g.weights(3, 5), g.weights(5))),
                of(
                        "Gemm, both transposed",
                        in(3, 2),
                        g -> g.node(node("Gemm", "x", g.weights(5, 3))
                                .withInteger("transA", 1)
                                .withInteger("transB", 1))));
    }

    private static Stream<Named<Case>> convolutions() {
        return Stream.of(
                of("Conv", in(1, 2, 20), g -> g.node("Conv", "x", g.weights(5, 2, 3))),
                of(
                        "Conv, strided with a rest",
                        in(1, 2, 20),
                        g -> g.node(node("Conv", "x", g.weights(5, 2, 4)).withIntegers("strides", 3))),
                of(
                        "Conv, dilated and padded unevenly",
                        in(1, 2, 20),
                        g -> g.node(node("Conv", "x", g.weights(5, 2, 3))
                                .withIntegers("dilations", 4)
                                .withIntegers("pads", 1, 2))),
                of(
                        "Conv, two axes in groups",
                        in(1, 4, 9, 12),
                        g -> g.node(node("Conv", "x", g.weights(6, 2, 3, 5))
                                .withInteger("group", 2)
                                .withIntegers("strides", 2, 1)
                                .withIntegers("pads", 0, 1, 2, 3)
                                .withIntegers("dilations", 1, 2))),
                of(
                        "Conv, padding in numbers by name",
                        in(1, 2, 20),
                        g -> g.node(withText(node("Conv", "x", g.weights(5, 2, 3)), "auto_pad", "NOTSET"))));
    }

    private static Stream<Named<Case>> transposedConvolutions() {
        return Stream.of(
                of("ConvTranspose", in(1, 2, 20), g -> g.node("ConvTranspose", "x", g.weights(2, 5, 3))),
                of(
                        "ConvTranspose, strided and padded unevenly",
                        in(1, 2, 20),
                        g -> g.node(node("ConvTranspose", "x", g.weights(2, 5, 8))
                                .withIntegers("strides", 4)
                                .withIntegers("pads", 1, 2))),
                of(
                        "ConvTranspose, dilated in groups",
                        in(1, 4, 9, 12),
                        g -> g.node(node("ConvTranspose", "x", g.weights(4, 3, 3, 1))
                                .withInteger("group", 2)
                                .withIntegers("dilations", 2, 1))));
    }

    private static Stream<Named<Case>> views() {
        return Stream.of(
                of("Transpose", in(2, 3, 4), g -> g.transpose("x", 2, 0, 1)),
                of("Reshape", in(2, 3, 4), g -> g.reshape("x", 6, 4)),
                of("Reshape, an axis kept and one open", in(2, 3, 4), g -> g.reshape("x", 0, -1)),
                of("Reshape, an open axis of one", in(2, 3), g -> g.reshape("x", 2, 3, -1)),
                of("Squeeze", in(1, 3, 1, 4), g -> g.node("Squeeze", "x", g.integers(0, 2))),
                of("Squeeze, from the end", in(1, 3, 1, 4), g -> g.node("Squeeze", "x", g.integers(-2))),
                of("Unsqueeze", in(3, 4), g -> g.node("Unsqueeze", "x", g.integers(2, 0))),
                of("Unsqueeze, from the end", in(3, 4), g -> g.node("Unsqueeze", "x", g.integers(-1, 0))));
    }

    private static Stream<Named<Case>> cuts() {
        return Stream.of(
                of(
                        "Gather, one place",
                        in(2, 3, 4),
                        g -> g.node(node("Gather", "x", g.place(1)).withInteger("axis", 1))),
                of(
                        "Gather, places of the last axis",
                        in(2, 3, 4),
                        g -> g.node(node("Gather", "x", g.integers(0, 3, 3)).withInteger("axis", -1))),
                of(
                        "Gather, places in rows",
                        in(2, 3),
                        g -> g.node("Gather", "x", g.reshape(g.integers(0, 1, 1, 0, 0, 0), 2, 3))),
                of("Slice", in(2, 9), g -> slice(g, 2, 7, 1)),
                of("Slice, from the end", in(2, 9), g -> slice(g, -4, -1, -1)),
                of("Slice, beyond the end", in(2, 9), g -> slice(g, 3, Long.MAX_VALUE, 1)),
                of("Slice, from before the start", in(2, 9), g -> slice(g, -100, 3, 1)),
                of(
                        "Slice, steps of one",
                        in(2, 9),
                        g -> g.node("Slice", "x", g.integers(1), g.integers(5), g.integers(1), g.integers(1))),
                of("Pad", in(2, 9), g -> g.node("Pad", "x", g.integers(0, 1, 2, 3))),
                of("Pad, cutting", in(2, 9), g -> g.node("Pad", "x", g.integers(0, -1, 0, -3))));
    }

    private static Stream<Named<Case>> reductions() {
        return Stream.of(
                of(
                        "ReduceMean",
                        in(2, 3, 4),
                        g -> g.node(node("ReduceMean", "x").withIntegers("axes", 0, -1))),
                of(
                        "ReduceMean, axes as an input",
                        in(2, 3, 4).opset(18),
                        g -> g.node("ReduceMean", "x", g.integers(1))),
                of("ReduceSum", in(2, 3, 4), g -> g.node("ReduceSum", "x", g.integers(-2))));
    }

    @ParameterizedTest
    @MethodSource
    void are_unknown_where_no_rule_needs_them(Case one) throws IOException {
        List<Shape> inferred = one.inferred();

        assertThat(inferred).isEmpty();
        // The case is one that a runtime takes.
        assertThat(runtimes(one.graph(), 0)).isNotNull();
    }

    static Stream<Named<Case>> are_unknown_where_no_rule_needs_them() {
        return Stream.of(
                of("an operator that no rule looks at", in(2, 3), g -> g.node("Relu", "x")),
                of("what follows something unknown", in(2, 3), g -> g.node("Identity", g.node("Relu", "x"))),
                of(
                        "Conv, padding by name",
                        in(1, 2, 20),
                        g -> g.node(withText(
                                node("Conv", "x", g.weights(5, 2, 4)).withIntegers("strides", 3),
                                "auto_pad",
                                "SAME_UPPER"))),
                of(
                        "ConvTranspose, padding by name",
                        in(1, 2, 20),
                        g -> g.node(withText(
                                node("ConvTranspose", "x", g.weights(2, 5, 4)).withIntegers("strides", 2),
                                "auto_pad",
                                "SAME_LOWER"))),
                of(
                        "ConvTranspose, more output",
                        in(1, 2, 20),
                        g -> g.node(node("ConvTranspose", "x", g.weights(2, 5, 4))
                                .withIntegers("strides", 2)
                                .withIntegers("output_padding", 1))),
                of("MatMul, a vector", in(2, 3), g -> g.node("MatMul", "x", g.weights(3))),
                of("Transpose without an order", in(2, 3), g -> g.node("Transpose", "x")),
                of("Reshape to a computed shape", in(2, 3), g -> g.node("Reshape", "x", g.node("Shape", "x"))),
                of("Squeeze of all axes of one", in(1, 3), g -> g.node("Squeeze", "x")),
                of(
                        "Slice of two axes",
                        in(6, 9),
                        g -> g.node("Slice", "x", g.integers(1, 1), g.integers(5, 5), g.integers(0, 1))),
                of("Slice without axes", in(6, 9), g -> g.node("Slice", "x", g.integers(1), g.integers(5))),
                of(
                        "Slice in steps",
                        in(2, 9),
                        g -> g.node("Slice", "x", g.integers(1), g.integers(8), g.integers(1), g.integers(2))),
                of(
                        "Pad of named axes",
                        in(2, 9).opset(18),
                        g -> g.node("Pad", "x", g.integers(1, 1), "", g.integers(1))),
                of(
                        "ReduceMean without its axes",
                        in(2, 3),
                        g -> g.node(
                                node("ReduceMean", "x").withIntegers("axes", 1).withInteger("keepdims", 0))),
                of("ReduceMean of all", in(2, 3), g -> g.node("ReduceMean", "x")),
                of(
                        "Squeeze of opset 11",
                        in(1, 3).opset(11),
                        g -> g.node(node("Squeeze", "x").withIntegers("axes", 0))),
                of(
                        "Slice of opset 9",
                        in(2, 9).opset(9),
                        g -> g.node(node("Slice", "x")
                                .withIntegers("starts", 1)
                                .withIntegers("ends", 2)
                                .withIntegers("axes", 1))),
                of(
                        "Pad of opset 10",
                        in(2, 9).opset(10),
                        g -> g.node(node("Pad", "x").withIntegers("pads", 0, 1, 0, 1))));
    }

    @Test
    void of_a_splits_parts_are_those_that_the_runtime_finds() throws IOException {
        for (Function<TinyGraph, Node> split : List.<Function<TinyGraph, Node>>of(
                _ -> Node.of("Split", List.of("x"), "a", "b", "c").withInteger("axis", 1),
                graph -> Node.of("Split", List.of("x", graph.integers(1, 2, 6)), "a", "b", "c")
                        .withInteger("axis", -1))) {
            TinyGraph graph = in(2, 9);
            graph.node(split.apply(graph));
            graph.gives("a", "b", "c");

            OnnxGraph ours = graph.asOnnx();

            for (int i = 0; i < 3; i++) {
                assertThat(ours.shape(List.of("a", "b", "c").get(i))).contains(runtimes(graph, i));
            }
        }
    }

    @Test
    void of_a_split_that_leaves_a_rest_are_unknown() {
        TinyGraph graph = in(2, 9).opset(18);
        graph.node(
                Node.of("Split", List.of("x"), "a", "b").withInteger("axis", 1).withInteger("num_outputs", 2));
        graph.gives("a", "b");

        assertThat(graph.asOnnx().shape("a")).isEmpty();
    }

    @Test
    void of_an_operator_of_another_domain_are_unknown_whatever_its_name() {
        TinyGraph graph = in(2, 3);
        String foreign = graph.node(node("Identity", "x").in("somebody.else"));

        assertThat(graph.gives(foreign).asOnnx().shape(foreign)).isEmpty();
    }

    private Shape runtimes(TinyGraph graph, int output) throws IOException {
        Path file = folder.resolve("g.onnx");
        // Names the domain of the operators of the runtime itself, which the tiny graph does not.
        graph.asOnnx().model().write(file);
        try (Graph loaded = Graph.load(file, 1)) {
            return Shape.of(loaded.outputShapes().get(output));
        }
    }

    private static Named<Case> of(String name, TinyGraph graph, Operator operator) {
        return Named.of(name, new Case(graph, operator));
    }

    private static TinyGraph in(long... shape) {
        return new TinyGraph(shape);
    }

    private static Node node(String type, String... inputs) {
        return Node.of(type, List.of(inputs), "out");
    }

    private static String slice(TinyGraph graph, long start, long end, long axis) {
        return graph.node("Slice", "x", graph.integers(start), graph.integers(end), graph.integers(axis));
    }

    private static Node withText(Node node, String attribute, String text) {
        return new Node(node.proto().toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName(attribute)
                        .setType(AttributeType.STRING)
                        .setS(ByteString.copyFromUtf8(text)))
                .build());
    }
}
