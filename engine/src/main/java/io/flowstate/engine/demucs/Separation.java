package io.flowstate.engine.demucs;

import io.flowstate.audio.ClipReader;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.Graph;
import io.flowstate.engine.demucs.Segments.Segment;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Separates a track of any length in constant memory.
 *
 * <p>The track is cut into overlapping chunks ({@link Segments}). For each, the model's window is filled from the scaled track and its spectrogram made (prepare), the
 * graph is run, and the stems are transformed back, weighted, added to their neighbours and handed on as far as no later chunk can touch them (finish).
 *
 * <p>Threads: the lane's thread runs the graph of chunk k; meanwhile its companion finishes chunk k − 1 and prepares chunk k + 1. The two meet after each chunk. There
 * are two sets of graph buffers, used in turn: k − 1 and k + 1 share one, which is free by then. Everything else here is touched by the companion alone while the graph runs, and by
 * the lane's thread alone before the first chunk and after the last.
 *
 * <p>Invariants: every output sample is handed on once and in order; each sample's weights add up to 1; nothing is allocated per chunk but a few small objects; a failure
 * or cancellation on either side stops the other before any buffer is freed.
 *
 * <p>Source: Rouard, Massa, Défossez, "Hybrid Transformers for Music Source Separation" (2022), and demucs 4.0.1.
 */
final class Separation {
    private final HtDemucs shape;
    private final Graph graph;
    private final Segments segments;
    private final TrackWindow track;
    private final TrackStatistics statistics;
    private final Spectrogram spectrogram;
    private final OverlapAdd overlapAdd;
    private final Sink sink;
    private final Continuation continuation;
    private final float[] weights;
    private final float[] stem;

    /** Takes finished stems, scaled back to the level of the track. */
    interface Sink {
        /**
         * @param rows two for each stem, left and right, in the model's order
         * @param from first finished sample in each row
         */
        void write(float[][] rows, int from, int count);
    }

    /** @param continuation remembers how far it is, and may know how far an earlier attempt was */
    Separation(
            HtDemucs shape,
            Graph graph,
            Segments segments,
            ClipReader reader,
            TrackStatistics statistics,
            Sink sink,
            Continuation continuation) {
        this.shape = shape;
        this.graph = graph;
        this.segments = segments;
        this.track = new TrackWindow(reader, statistics);
        this.statistics = statistics;
        this.spectrogram = new Spectrogram(shape);
        this.overlapAdd = new OverlapAdd(
                HtDemucs.CHANNELS * shape.stems(),
                shape.size(),
                segments.ordered().getFirst().start());
        this.sink = sink;
        this.continuation = continuation;
        this.weights = new float[shape.size()];
        this.stem = new float[shape.size()];
    }

    /** Runs to the end of the track on the calling thread, which is the lane's. */
    void run(ExecutorService companion, Cancellation cancellation, Progress.Listener progress) {
        List<Segment> ordered = segments.ordered();
        double seconds = (double) statistics.frames() / HtDemucs.SAMPLE_RATE_HZ;
        Cancellation either = new Cancellation();
        try (Graph.Buffers even = graph.allocate();
                Graph.Buffers odd = graph.allocate();
                Cancellation.Registration _ = cancellation.onCancel(() -> either.cancel(cancellation.reason()))) {
            Graph.Buffers[] sets = {even, odd};
            int first = continuation.restore(overlapAdd, sink);
            if (first < ordered.size()) {
                prepare(first, sets[first % 2]);
            }
            try {
                for (int k = first; k < ordered.size(); k++) {
                    int chunk = k;
                    Graph.Buffers other = sets[(k + 1) % 2];
                    Future<?> beside = companion.submit(() -> neighbours(chunk, first, other, either));
                    runGraph(sets[k % 2], k + 1 == ordered.size(), either, beside);
                    progress.on(new Progress(Progress.Phase.SEPARATING, seconds * (k + 1) / ordered.size(), seconds));
                }
            } catch (RuntimeException | Error stopped) {
                graph.giveBack(even);
                throw stopped;
            }
            if (first < ordered.size()) {
                finish(ordered.size() - 1, sets[(ordered.size() - 1) % 2]);
            }
        }
    }

    private void runGraph(Graph.Buffers buffers, boolean last, Cancellation either, Future<?> beside) {
        try {
            if (last) {
                graph.runLast(buffers, either);
            } else {
                graph.run(buffers, either);
            }
        } catch (RuntimeException | Error failure) {
            either.cancel(asError(failure));
            throw failure;
        } finally {
            await(beside);
        }
    }

    private void neighbours(int k, int first, Graph.Buffers buffers, Cancellation either) {
        try {
            if (k > first) {
                finish(k - 1, buffers);
            }
            if (k + 1 < segments.ordered().size() && !either.isCanceled()) {
                prepare(k + 1, buffers);
            }
        } catch (RuntimeException | Error failure) {
            either.cancel(asError(failure));
            throw failure;
        }
    }

    private static FlowError asError(Throwable failure) {
        return failure instanceof FlowError expected
                ? expected
                : FlowError.of(Code.INTERNAL_ERROR, "The separation failed unexpectedly.")
                        .causedBy(failure);
    }

    private void prepare(int k, Graph.Buffers buffers) {
        Segment segment = segments.ordered().get(k);
        track.release(segments.firstNeededFrom(k));
        for (int channel = 0; channel < HtDemucs.CHANNELS; channel++) {
            track.copy(
                    channel,
                    segment.windowStart(shape.size()),
                    shape.size(),
                    buffers.input(0).slice(channel * shape.size(), shape.size()));
            spectrogram.analyse(buffers.input(0), buffers.input(1), channel);
        }
    }

    private void finish(int k, Graph.Buffers buffers) {
        Segment segment = segments.ordered().get(k);
        segments.weights(segment, weights);
        int offset = segment.offsetInWindow(shape.size());
        for (int row = 0; row < HtDemucs.CHANNELS * shape.stems(); row++) {
            spectrogram.synthesise(buffers.output(0), buffers.output(1), row, stem);
            overlapAdd.add(row, segment.start(), stem, offset, segment.length(), weights);
        }
        boolean last = k + 1 == segments.ordered().size();
        handOn(last ? statistics.frames() : segments.ordered().get(k + 1).start());
        if (!last) {
            continuation.done(k + 1, overlapAdd);
        }
    }

    private void handOn(long until) {
        long from = Math.max(0, overlapAdd.base());
        int count = (int) (until - from);
        if (count > 0) {
            int at = (int) (from - overlapAdd.base());
            float[][] rows = overlapAdd.rows();
            for (float[] row : rows) {
                for (int i = at; i < at + count; i++) {
                    row[i] = (float) (row[i] * statistics.deviation() + statistics.mean());
                }
            }
            sink.write(rows, at, count);
            continuation.keep(rows, at, count);
        }
        overlapAdd.drop(until);
    }

    /** Waits without giving in to interrupts: the buffers must not be freed under the companion's hands. Its failure is the first cause of any other. */
    private static void await(Future<?> beside) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    beside.get();
                    return;
                } catch (InterruptedException ignored) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failed) {
            throw asError(failed.getCause() == null ? failed : failed.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
