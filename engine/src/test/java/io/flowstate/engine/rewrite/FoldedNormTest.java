package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldedNormTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void a_wide_normalisation_before_a_gate_is_computed_from_what_the_narrow_input_says() {
        TinyGraph graph = new TinyGraph(3, 5, 40);
        graph.gives(graph.node("Mul", graph.weights(8, 1), gated(graph, 5)));

        TinyGraph.Rewritten rewritten = graph.by(new FoldedNorm());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.operators()).doesNotContain("InstanceNormalization", "Split");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void there_need_not_be_a_factor_for_each_channel() {
        TinyGraph graph = new TinyGraph(1, 5, 40);
        graph.gives(gated(graph, 5));

        TinyGraph.Rewritten rewritten = graph.by(new FoldedNorm());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void a_normalisation_that_is_taken_without_its_gate_stays() {
        TinyGraph graph = new TinyGraph(1, 5, 40);
        String wide = graph.node("Conv", "x", graph.weights(16, 5, 1), graph.weights(16));
        graph.gives(graph.wholeNorm(wide, 1, 16, 40));

        assertThat(graph.by(new FoldedNorm()).count()).isZero();
    }

    @Test
    void a_convolution_over_several_steps_stays() {
        TinyGraph graph = new TinyGraph(1, 5, 42);
        String wide = graph.node("Conv", "x", graph.weights(16, 5, 3), graph.weights(16));
        graph.gives(gate(graph, graph.wholeNorm(wide, 1, 16, 40)));

        assertThat(graph.by(new FoldedNorm()).count()).isZero();
    }

    /** A pointwise convolution to 16 channels of 40 steps, normalised, and gated to 8. */
    private static String gated(TinyGraph graph, int channels) {
        String wide = graph.node("Conv", "x", graph.weights(16, channels, 1), graph.weights(16));
        int batch = Math.toIntExact(graph.model()
                .getGraph()
                .getInput(0)
                .getType()
                .getTensorType()
                .getShape()
                .getDim(0)
                .getDimValue());
        return gate(graph, graph.wholeNorm(wide, batch, 16, 40));
    }

    private static String gate(TinyGraph graph, String value) {
        graph.node(Node.of("Split", List.of(value), "value", "gate").withInteger("axis", 1));
        return graph.node("Mul", "value", graph.node("Sigmoid", "gate"));
    }
}
