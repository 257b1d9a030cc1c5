package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatedConvolutionTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void the_halves_of_a_gate_are_computed_apart_and_exactly_as_before() {
        TinyGraph graph = convolution();
        graph.gives(graph.node("Mul", "value", graph.node("Sigmoid", "gate")));

        TinyGraph.Rewritten rewritten = graph.by(new GatedConvolution());

        assertThat(rewritten.operators()).containsExactlyInAnyOrder("Conv", "Conv", "Sigmoid", "Mul");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void halves_that_are_no_gate_stay_together() {
        TinyGraph graph = convolution();
        graph.gives(graph.node("Mul", "value", graph.node("Tanh", "gate")));

        assertThat(graph.by(new GatedConvolution()).count()).isZero();
    }

    private static TinyGraph convolution() {
        TinyGraph graph = new TinyGraph(1, 5, 20);
        String both = graph.node("Conv", "x", graph.weights(8, 5, 3), graph.weights(8));
        graph.node(Node.of("Split", List.of(both), "value", "gate").withInteger("axis", 1));
        return graph;
    }
}
