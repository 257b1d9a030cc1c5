package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldedScaleTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void a_factor_of_each_column_goes_into_the_product_before_it() {
        TinyGraph graph = new TinyGraph(5, 7);
        String product = graph.node("Gemm", "x", graph.weights(7, 4), graph.weights(4));
        String apart = graph.reshape(product, 1, 5, 4);
        graph.gives(graph.node("Mul", graph.weights(1, 1, 4), apart));

        TinyGraph.Rewritten rewritten = graph.by(new FoldedScale());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.operators()).containsExactly("Gemm", "Reshape");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void the_weights_may_be_transposed() {
        TinyGraph graph = new TinyGraph(5, 7);
        String product = graph.node(Node.of("Gemm", List.of("x", graph.weights(4, 7), graph.weights(4)), "product")
                .withInteger("transB", 1));
        graph.gives(graph.node("Mul", product, graph.weights(4)));

        TinyGraph.Rewritten rewritten = graph.by(new FoldedScale());

        assertThat(rewritten.operators()).containsExactly("Gemm");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void several_factors_go_one_after_the_other() {
        TinyGraph graph = new TinyGraph(5, 7);
        String product = graph.node("Gemm", "x", graph.weights(7, 4), graph.weights(4));
        graph.gives(graph.node("Mul", graph.node("Mul", product, graph.weights(4)), graph.weights(4)));

        TinyGraph.Rewritten rewritten = graph.by(new FoldedScale());

        assertThat(rewritten.operators()).containsExactly("Gemm");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void a_product_that_somebody_else_takes_too_stays() {
        TinyGraph graph = new TinyGraph(5, 7);
        String product = graph.node("Gemm", "x", graph.weights(7, 4), graph.weights(4));
        graph.gives(graph.node("Mul", product, graph.weights(4)), product);

        assertThat(graph.by(new FoldedScale()).count()).isZero();
    }

    @Test
    void a_factor_of_the_rows_stays() {
        TinyGraph graph = new TinyGraph(4, 7);
        String product = graph.node("Gemm", "x", graph.weights(7, 4), graph.weights(4));
        graph.gives(graph.node("Mul", product, graph.weights(4, 1)));

        assertThat(graph.by(new FoldedScale()).count()).isZero();
    }

    @Test
    void a_reshape_that_cuts_the_columns_is_not_looked_through() {
        TinyGraph graph = new TinyGraph(6, 7);
        String product = graph.node("Gemm", "x", graph.weights(7, 4), graph.weights(4));
        graph.gives(graph.node("Mul", graph.reshape(product, 12, 2), graph.weights(2)));

        assertThat(graph.by(new FoldedScale()).count()).isZero();
    }
}
