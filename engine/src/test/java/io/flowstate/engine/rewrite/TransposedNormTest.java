package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransposedNormTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void a_normalisation_over_everything_needs_no_transposition_around_it() {
        TinyGraph graph = new TinyGraph(1, 9, 6);
        String normal = graph.wholeNorm(graph.transpose("x", 0, 2, 1), 1, 6, 9);
        graph.gives(graph.transpose(normal, 0, 2, 1), graph.transpose(normal, 2, 0, 1));

        TinyGraph.Rewritten rewritten = graph.by(new TransposedNorm());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.operators()).doesNotContain("InstanceNormalization");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void it_stays_when_its_result_is_taken_as_it_is() {
        TinyGraph graph = new TinyGraph(1, 9, 6);
        String normal = graph.wholeNorm(graph.transpose("x", 0, 2, 1), 1, 6, 9);
        graph.gives(graph.transpose(normal, 0, 2, 1), normal);

        assertThat(graph.by(new TransposedNorm()).count()).isZero();
    }

    @Test
    void it_stays_when_there_are_several_pieces_to_normalise_apart() {
        TinyGraph graph = new TinyGraph(2, 9, 6);
        String normal = graph.wholeNorm(graph.transpose("x", 0, 2, 1), 2, 6, 9);
        graph.gives(graph.transpose(normal, 0, 2, 1));

        assertThat(graph.by(new TransposedNorm()).count()).isZero();
    }
}
