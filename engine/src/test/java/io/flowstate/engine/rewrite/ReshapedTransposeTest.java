package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReshapedTransposeTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void moving_an_axis_of_one_is_a_reshape() {
        TinyGraph graph = new TinyGraph(1, 5, 4);
        graph.gives(graph.transpose("x", 1, 0, 2));

        TinyGraph.Rewritten rewritten = graph.by(new ReshapedTranspose());

        assertThat(rewritten.operators()).containsExactly("Reshape");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void moving_any_other_axis_is_not() {
        TinyGraph graph = new TinyGraph(1, 5, 4);
        graph.gives(graph.transpose("x", 0, 2, 1));

        assertThat(graph.by(new ReshapedTranspose()).count()).isZero();
    }
}
