package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxGraphTest {
    @TempDir
    private Path folder;

    /** x → Sigmoid a → Tanh b → Mul c (with a constant) → Neg y. */
    private final TinyGraph tiny = new TinyGraph(2, 3);

    private final String factor = tiny.weights(3);
    private final OnnxGraph chain = chain();

    private OnnxGraph chain() {
        tiny.node(Node.of("Sigmoid", List.of("x"), "a"));
        tiny.node(Node.of("Tanh", List.of("a"), "b"));
        tiny.node(Node.of("Mul", List.of(factor, "b"), "c"));
        return tiny.gives("c").asOnnx();
    }

    @Test
    void below_a_value_are_the_nodes_that_follow_it_alone() {
        assertThat(chain.below("a", "Tanh", "Mul")).extracting(Node::output).containsExactly("b", "c");
        assertThat(chain.below("a", "Tanh", "Add")).isEmpty();
        assertThat(chain.below("c", "Neg", "Neg")).as("beyond the end").isEmpty();
    }

    @Test
    void below_a_value_that_two_take_is_nothing() {
        chain.replace(List.of(), List.of(Node.of("Sqrt", List.of("b"), "d")));

        assertThat(chain.below("a", "Tanh", "Mul")).isEmpty();
        assertThat(chain.below("a", "Tanh")).as("the last one's output may").hasSize(1);
    }

    @Test
    void above_a_value_are_the_nodes_that_lead_to_it_past_constants_nearest_first() {
        assertThat(chain.above("c", "Mul", "Tanh", "Sigmoid"))
                .extracting(Node::output)
                .containsExactly("c", "b", "a");
        assertThat(chain.above("c", "Mul", "Sigmoid")).isEmpty();
        assertThat(chain.above("a", "Sigmoid", "Sigmoid"))
                .as("beyond the input")
                .isEmpty();
        assertThat(chain.above("y", "Neg")).as("a result").isEmpty();
    }

    @Test
    void a_value_is_private_when_one_place_of_one_node_takes_it() {
        assertThat(chain.isPrivate("b")).isTrue();
        assertThat(chain.isPrivate("y")).as("a result").isFalse();
        assertThat(chain.isPrivate("nobody")).isFalse();

        chain.replace(
                List.of(), List.of(Node.of("Mul", List.of("a", "a"), "d"), Node.of("Add", List.of("d", "d"), "e")));

        assertThat(chain.isPrivate("a")).as("taken by two").isFalse();
        assertThat(chain.isPrivate("d")).as("taken twice by one").isFalse();
    }

    @Test
    void a_bypassed_node_is_gone_and_its_takers_take_what_is_said_instead() {
        chain.replace(List.of(), List.of(Node.of("Add", List.of("b", "b"), "d")));

        chain.bypass(chain.producer("b").orElseThrow(), "a");

        assertThat(chain.producer("b")).isEmpty();
        assertThat(chain.producer("c").orElseThrow().inputs()).containsExactly(factor, "a");
        assertThat(chain.producer("d").orElseThrow().inputs()).containsExactly("a", "a");
        assertThat(chain.consumers("b")).isEmpty();
        assertThat(chain.consumers("a")).hasSize(2);
    }

    @Test
    void a_bypassed_result_keeps_its_name() {
        chain.bypass(chain.producer("y").orElseThrow(), "b");

        Node kept = chain.producer("y").orElseThrow();
        assertThat(kept.is("Identity")).isTrue();
        assertThat(kept.inputs()).containsExactly("b");
    }

    @Test
    void a_fresh_name_is_nobodys() {
        List<String> names = new ArrayList<>();
        for (String like : List.of("x", "a", factor, "y", "new", "new", "new")) {
            names.add(chain.fresh(like));
        }

        assertThat(names).doesNotHaveDuplicates().doesNotContain("x", "a", factor, "y");
        assertThat(names).contains("new", "new_2", "new_3");
    }

    @Test
    void what_is_written_is_what_was_read_bit_by_bit() throws IOException {
        Path file = tiny.writeTo(folder.resolve("in.onnx"));
        Path copy = folder.resolve("out.onnx");
        try (Arena arena = Arena.ofConfined()) {
            new OnnxGraph(OnnxModel.read(file, arena)).model().write(copy);
        }

        GraphProto before = parse(file).getGraph();
        GraphProto after = parse(copy).getGraph();
        assertThat(after.getInitializerList()).isEqualTo(before.getInitializerList());
        assertThat(after.getNodeList()).isEqualTo(before.getNodeList());
        assertThat(after.getInputList()).isEqualTo(before.getInputList());
        assertThat(after.getOutputList()).isEqualTo(before.getOutputList());
    }

    @Test
    void constants_that_nothing_uses_any_more_are_not_written() {
        String unused = chain.add("w", Weights.of(Shape.of(1), 7));
        chain.bypass(chain.producer("c").orElseThrow(), "b");

        assertThat(chain.model().graph().getInitializerList())
                .extracting(TensorProto::getName)
                .doesNotContain(unused, factor);
    }

    @Test
    void the_runtimes_own_operators_are_imported_once() {
        assertThat(tiny.model().getOpsetImportList())
                .extracting(OperatorSetIdProto::getDomain)
                .containsExactly("");

        OnnxModel once = chain.model();
        OnnxModel twice = new OnnxGraph(once).model();

        assertThat(twice.proto().getOpsetImportList())
                .extracting(OperatorSetIdProto::getDomain)
                .containsExactly("", Node.RUNTIME_DOMAIN);
        assertThat(twice.opset()).isEqualTo(17);
    }

    @Test
    void nodes_come_after_those_whose_outputs_they_take_whatever_the_files_order() {
        List<NodeProto> backwards = new ArrayList<>(tiny.model().getGraph().getNodeList());
        Collections.reverse(backwards);

        OnnxGraph graph = withNodes(backwards);

        Set<String> known = new HashSet<>(List.of("x", factor));
        for (Node node : graph.nodes()) {
            assertThat(known).containsAll(node.inputs());
            known.addAll(node.outputs());
        }
        assertThat(known).contains("y");
        assertThat(graph.shape("c")).contains(Shape.of(2, 3));
    }

    @Test
    void inputs_and_outputs_that_are_left_out_join_no_nodes() {
        // b leaves out an input and d, which comes after it, an output: both have an empty name.
        List<NodeProto> nodes = List.of(
                Node.of("Clip", List.of("x", "", factor), "b").proto(),
                Node.of("Dropout", List.of("b"), "d", "").proto(),
                Node.of("Neg", List.of("d"), "y").proto());

        OnnxGraph graph = withNodes(nodes);

        assertThat(graph.nodes()).extracting(Node::output).containsExactly("b", "d", "y");
        assertThat(graph.producer("")).isEmpty();
        assertThat(graph.consumers("")).isEmpty();
    }

    @Test
    void a_file_that_is_no_model_is_refused() throws IOException {
        Path file = Files.writeString(folder.resolve("g.onnx"), "not a graph");

        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> OnnxModel.read(file, arena)).isInstanceOf(IOException.class);
        }
    }

    private OnnxGraph withNodes(List<NodeProto> nodes) {
        ModelProto.Builder model = tiny.model().toBuilder();
        model.getGraphBuilder().clearNode().addAllNode(nodes);
        return new OnnxGraph(new OnnxModel(model.build()));
    }

    private static ModelProto parse(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file));
    }
}
