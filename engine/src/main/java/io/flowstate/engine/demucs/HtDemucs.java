package io.flowstate.engine.demucs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.engine.Graph;
import java.util.Arrays;

/**
 * The shape of an HTDemucs export whose spectral transforms stand outside the graph, read from the graph itself.
 * Inputs: waveform [1, 2, size] and spectrogram [1, 4, bins, frames] (left re, left im, right re, right im). Outputs: the spectral branch [1, stems, 4, bins, frames] and the
 * time branch [1, stems, 2, size]; a stem is the sum of both.
 *
 * @param size samples of a window; 343,980 (7.8 s) for the published weights
 */
record HtDemucs(int stems, int size, int bins, int frames) {
    static final int SAMPLE_RATE_HZ = 44_100;
    static final int CHANNELS = 2;

    /** @throws FlowError {@link Code#MODEL_CORRUPT} if the graph is not one of these, or has not the stems of its catalogue entry */
    static HtDemucs of(Graph graph, Model model) {
        if (graph.inputShapes().size() == 2 && graph.outputShapes().size() == 2) {
            long[] wave = graph.inputShapes().get(0);
            long[] spectrogram = graph.inputShapes().get(1);
            if (wave.length == 3 && spectrogram.length == 4) {
                HtDemucs shape =
                        new HtDemucs(model.stems().size(), (int) wave[2], (int) spectrogram[2], (int) spectrogram[3]);
                if (shape.fits(graph)) {
                    return shape;
                }
            }
        }
        throw FlowError.of(
                        Code.MODEL_CORRUPT,
                        "%s is not an HTDemucs graph with %d stems: inputs %s, outputs %s.",
                        model.id(),
                        model.stems().size(),
                        Arrays.deepToString(graph.inputShapes().toArray()),
                        Arrays.deepToString(graph.outputShapes().toArray()))
                .advice("Compare its entry in the catalogue with the export it came from.");
    }

    /** Window of the transform. */
    int fftSize() {
        return 2 * bins;
    }

    int hop() {
        return fftSize() / 4;
    }

    private boolean fits(Graph graph) {
        return Arrays.equals(graph.inputShapes().get(0), new long[] {1, CHANNELS, size})
                && Arrays.equals(graph.inputShapes().get(1), new long[] {1, 2 * CHANNELS, bins, frames})
                && Arrays.equals(graph.outputShapes().get(0), new long[] {1, stems, 2 * CHANNELS, bins, frames})
                && Arrays.equals(graph.outputShapes().get(1), new long[] {1, stems, CHANNELS, size})
                && frames == Math.ceilDiv(size, hop());
    }
}
