package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterleavedConvolutionTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @Test
    void a_transposed_convolution_along_time_becomes_an_ordinary_one() {
        TinyGraph graph = new TinyGraph(1, 5, 9);
        graph.gives(transposed(graph, graph.weights(5, 3, 8), 4));

        TinyGraph.Rewritten rewritten = graph.by(new InterleavedConvolution());

        assertThat(rewritten.operators()).containsExactly("Conv", "Reshape", "Transpose", "Reshape");
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void so_does_one_along_the_first_of_two_axes() {
        TinyGraph graph = new TinyGraph(1, 5, 9, 6);
        graph.gives(transposed(graph, graph.weights(5, 3, 12, 1), 4, 1));

        TinyGraph.Rewritten rewritten = graph.by(new InterleavedConvolution());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void a_kernel_that_is_no_whole_number_of_strides_stays() {
        TinyGraph graph = new TinyGraph(1, 5, 9);
        graph.gives(transposed(graph, graph.weights(5, 3, 7), 4));

        assertThat(graph.by(new InterleavedConvolution()).count()).isZero();
    }

    @Test
    void several_pieces_at_once_stay() {
        TinyGraph graph = new TinyGraph(2, 5, 9);
        graph.gives(transposed(graph, graph.weights(5, 3, 8), 4));

        assertThat(graph.by(new InterleavedConvolution()).count()).isZero();
    }

    private static String transposed(TinyGraph graph, String kernel, long... strides) {
        return graph.node(Node.of("ConvTranspose", List.of("x", kernel, graph.weights(3)), "long")
                .withIntegers("strides", strides));
    }
}
