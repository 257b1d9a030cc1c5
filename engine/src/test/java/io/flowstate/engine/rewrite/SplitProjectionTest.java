package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitProjectionTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void a_product_that_is_picked_apart_becomes_one_for_each_part() {
        TinyGraph graph = new TinyGraph(5, 6);
        String stacked = stacked(graph, graph.node("Gemm", "x", graph.weights(6, 12), graph.weights(12)));
        graph.gives(pick(graph, stacked, 0), pick(graph, stacked, 1), pick(graph, stacked, 2));

        TinyGraph.Rewritten rewritten = graph.by(new SplitProjection());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.operators())
                .containsExactlyInAnyOrder("Gemm", "Reshape", "Gemm", "Reshape", "Gemm", "Reshape");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void a_stack_that_is_taken_whole_stays() {
        TinyGraph graph = new TinyGraph(5, 6);
        String stacked = stacked(graph, graph.node("Gemm", "x", graph.weights(6, 12), graph.weights(12)));
        graph.gives(pick(graph, stacked, 0), stacked);

        assertThat(graph.by(new SplitProjection()).count()).isZero();
    }

    private static String stacked(TinyGraph graph, String product) {
        String apart = graph.reshape(product, 1, 5, 1, 3, 4);
        return graph.node("Squeeze", graph.transpose(apart, 3, 1, 2, 0, 4), graph.integers(3));
    }

    private static String pick(TinyGraph graph, String stacked, long place) {
        return graph.node("Gather", stacked, graph.place(place));
    }
}
