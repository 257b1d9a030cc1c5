package io.flowstate.engine.rewrite;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.flowstate.core.Cancellation;
import io.flowstate.engine.Graph;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** How alike two graphs with the same inputs and outputs are, by what they make of the same noise. Blocks for two runs and their loading. */
final class Comparison {
    private static final int SEED = 1;

    /** Equal outputs are as far apart as this. */
    private static final double EQUAL_DECIBELS = 300;

    private final int threads;
    private final Cancellation cancellation;

    Comparison(int threads, Cancellation cancellation) {
        this.threads = threads;
        this.cancellation = cancellation;
    }

    /**
     * For each output the ratio of its power to that of the difference, in dB; minus infinity where the second graph gives numbers that are none.
     *
     * <p>The original is run with the least memory, since it is run once: nothing is kept and nothing laid out anew. The other is run as it is going to be.
     */
    List<Double> decibels(Path original, Path other) {
        List<float[]> expected = outputs(original, this::sparing);
        List<float[]> got = outputs(other, () -> Graph.options(threads));
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            ratios.add(ratio(expected.get(i), got.get(i)));
        }
        return ratios;
    }

    private SessionOptions sparing() throws OrtException {
        SessionOptions options = Graph.options(threads);
        options.setOptimizationLevel(OptLevel.BASIC_OPT);
        options.setCPUArenaAllocator(false);
        options.addConfigEntry("session.disable_prepacking", "1");
        return options;
    }

    private List<float[]> outputs(Path file, Graph.Options options) {
        try (Graph graph = Graph.load(file, options);
                Graph.Buffers buffers = graph.allocate()) {
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < graph.inputShapes().size(); i++) {
                FloatBuffer input = buffers.input(i);
                for (int at = 0; at < input.capacity(); at++) {
                    input.put(at, (float) random.nextGaussian());
                }
            }
            graph.run(buffers, cancellation);
            List<float[]> outputs = new ArrayList<>();
            for (int i = 0; i < graph.outputShapes().size(); i++) {
                float[] output = new float[buffers.output(i).capacity()];
                buffers.output(i).get(0, output);
                outputs.add(output);
            }
            return outputs;
        }
    }

    private static double ratio(float[] expected, float[] got) {
        double power = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            power += (double) expected[i] * expected[i];
            double away = (double) expected[i] - got[i];
            difference += away * away;
        }
        if (!Double.isFinite(difference)) {
            return Double.NEGATIVE_INFINITY;
        }
        return difference == 0 ? EQUAL_DECIBELS : 10 * Math.log10(power / difference);
    }
}
