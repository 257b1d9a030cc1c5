package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldedLayerNormTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void its_scale_and_shift_go_into_all_products_that_take_it() {
        TinyGraph graph = new TinyGraph(1, 5, 8);
        String rows = graph.reshape(norm(graph), 5, 8);
        graph.gives(product(graph, rows, 8, 4), product(graph, graph.reshape(rows, 5, 8), 8, 3));

        TinyGraph.Rewritten rewritten = graph.by(new FoldedLayerNorm());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.operators()).contains("InstanceNormalization").doesNotContain("LayerNormalization");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void it_stays_when_something_else_takes_it_too() {
        TinyGraph graph = new TinyGraph(1, 5, 8);
        String normal = norm(graph);
        graph.gives(product(graph, graph.reshape(normal, 5, 8), 8, 4), graph.node("Sigmoid", normal));

        assertThat(graph.by(new FoldedLayerNorm()).count()).isZero();
    }

    @Test
    void it_stays_when_it_is_the_weights_of_a_product() {
        TinyGraph graph = new TinyGraph(1, 5, 8);
        String rows = graph.reshape(norm(graph), 5, 8);
        graph.gives(graph.node("Gemm", graph.weights(4, 5), rows, graph.weights(8)));

        assertThat(graph.by(new FoldedLayerNorm()).count()).isZero();
    }

    @Test
    void a_reshape_that_cuts_its_rows_is_not_looked_through() {
        TinyGraph graph = new TinyGraph(1, 5, 8);
        graph.gives(product(graph, graph.reshape(norm(graph), 10, 4), 4, 4));

        assertThat(graph.by(new FoldedLayerNorm()).count()).isZero();
    }

    private static String norm(TinyGraph graph) {
        return graph.node(Node.of("LayerNormalization", List.of("x", graph.weights(8), graph.weights(8)), "normal")
                .withNumber("epsilon", 1e-5f));
    }

    private static String product(TinyGraph graph, String rows, long width, long columns) {
        return graph.node("Gemm", rows, graph.weights(width, columns), graph.weights(columns));
    }
}
