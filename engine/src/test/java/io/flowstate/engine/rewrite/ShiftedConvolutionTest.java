package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShiftedConvolutionTest {
    /** Floats hold about 150 dB; a few operations in another order cost some of it. */
    private static final double SAME_DECIBELS = 110;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"3, 1", "3, 2", "5, 1", "5, 3"})
    void taps_are_multiplied_at_once_and_shifted_afterwards(int taps, int dilation) {
        int reach = taps / 2 * dilation;
        TinyGraph graph = convolution(taps, 8, dilation, reach);

        TinyGraph.Rewritten rewritten = graph.by(new ShiftedConvolution());

        assertThat(rewritten.count()).isEqualTo(1);
        assertThat(rewritten.decibels(graph, folder)).isGreaterThan(SAME_DECIBELS);
    }

    @Test
    void a_convolution_that_does_not_narrow_stays() {
        assertThat(convolution(3, 3, 1, 1).by(new ShiftedConvolution()).count()).isZero();
    }

    @Test
    void a_convolution_that_shortens_stays() {
        assertThat(convolution(3, 8, 1, 0).by(new ShiftedConvolution()).count()).isZero();
    }

    /** To two channels of 20 steps. */
    private static TinyGraph convolution(int taps, int channels, long dilation, long padding) {
        TinyGraph graph = new TinyGraph(3, channels, 20);
        return graph.gives(graph.node(
                Node.of("Conv", List.of("x", graph.weights(2, channels, taps), graph.weights(2)), "narrow")
                        .withIntegers("dilations", dilation)
                        .withIntegers("pads", padding, padding)));
    }
}
