package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FusedAttentionTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void attention_of_several_heads_becomes_one_operator() {
        TinyGraph graph = new TinyGraph(5, 12).input("other", 7, 12);
        graph.gives(attention(graph, graph.node("Gemm", "x", graph.weights(12, 12), graph.weights(12)), "other", 1));

        TinyGraph.Rewritten rewritten = graph.by(new FusedAttention());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.operators())
                .contains("MultiHeadAttention")
                .doesNotContain("Softmax", "MatMul", "Transpose");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void scores_that_somebody_else_takes_too_are_left_written_out() {
        TinyGraph graph = new TinyGraph(5, 12).input("other", 7, 12);
        String value = attention(graph, "x", "other", 1);
        String scores = graph.model().getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("Softmax"))
                .findFirst()
                .orElseThrow()
                .getOutput(0);
        graph.gives(value, scores);

        assertThat(graph.by(new FusedAttention()).count()).isZero();
    }

    @Test
    void a_softmax_along_another_axis_is_none() {
        TinyGraph graph = new TinyGraph(7, 12).input("other", 7, 12);
        graph.gives(attention(graph, "x", "other", 0));

        assertThat(graph.by(new FusedAttention()).count()).isZero();
    }

    /**
     * Three heads of width 4, as PyTorch exports them.
     *
     * @param fromEnd axis of the softmax, 1 for the last
     */
    private static String attention(TinyGraph graph, String query, String others, int fromEnd) {
        String q = graph.node("Mul", graph.transpose(graph.reshape(query, -1, 1, 3, 4), 1, 2, 0, 3), graph.all(0.7, 1));
        String k = graph.node("Mul", graph.transpose(graph.reshape(others, 7, 1, 3, 4), 1, 2, 3, 0), graph.all(0.7, 1));
        String v = graph.transpose(graph.reshape(others, 7, 1, 3, 4), 1, 2, 0, 3);
        String weights = graph.node(Node.of("Softmax", List.of(graph.node("MatMul", q, k)), "weights")
                .withInteger("axis", fromEnd == 1 ? -1 : 2));
        String result = graph.node("MatMul", weights, v);
        return graph.reshape(graph.transpose(result, 2, 0, 1, 3), -1, 12);
    }
}
