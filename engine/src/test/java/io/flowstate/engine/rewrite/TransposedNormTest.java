package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Cancellation;
import io.flowstate.engine.Graph;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
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
    void its_mean_and_deviation_are_nearer_to_the_truth_than_the_runtimes() {
        int rows = 2048;
        int columns = 512;
        TinyGraph graph = new TinyGraph(1, rows, columns);
        String flat = graph.reshape(graph.transpose("x", 0, 2, 1), 0, 1, -1);
        String normal =
                graph.node(Node.of("InstanceNormalization", List.of(flat, graph.all(1, 1), graph.all(0, 1)), "normal")
                        .withNumber("epsilon", 1e-5f));
        String scaled = graph.node("Mul", graph.reshape(normal, 1, columns, rows), graph.all(1, columns, 1));
        String shifted = graph.node("Add", scaled, graph.all(0, columns, 1));
        graph.gives(graph.transpose(shifted, 0, 2, 1));
        Path published = graph.writeTo(folder.resolve("published.onnx"));
        Path rewritten = folder.resolve("rewritten.onnx");
        TinyGraph.Rewritten by = graph.by(new TransposedNorm());
        assertThat(by.count()).isEqualTo(1);
        by.writeTo(rewritten);

        // A million floats added up one after the other: about 98 dB.
        assertThat(decibelsToTruth(published)).isLessThan(110);
        assertThat(decibelsToTruth(rewritten)).isGreaterThan(120);
    }

    /** Of an output that is the negative of the normalised input. */
    private static double decibelsToTruth(Path file) {
        try (Graph graph = Graph.load(file, 1);
                Graph.Buffers buffers = graph.allocate()) {
            FloatBuffer x = buffers.input(0);
            SplittableRandom random = new SplittableRandom(3);
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < x.capacity(); i++) {
                x.put(i, (float) random.nextGaussian());
                sum += x.get(i);
                squares += (double) x.get(i) * x.get(i);
            }
            graph.run(buffers, new Cancellation());
            double mean = sum / x.capacity();
            double deviation = Math.sqrt(squares / x.capacity() - mean * mean + 1e-5);
            double power = 0;
            double difference = 0;
            for (int i = 0; i < x.capacity(); i++) {
                double truth = -(x.get(i) - mean) / deviation;
                power += truth * truth;
                difference += (truth - buffers.output(0).get(i))
                        * (truth - buffers.output(0).get(i));
            }
            return 10 * Math.log10(power / difference);
        }
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
