package io.flowstate.engine.demucs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Where a track is cut, and with which weights the pieces are joined again. All positions are samples of the track; they may be negative, where a pass begins before it.
 *
 * <p>One pass cuts the track every {@code stride} samples into chunks of {@code size}; the last ones are shorter. Further passes do the same from an earlier start (the
 * "shift trick"), so that borders fall elsewhere, and all passes are averaged. Each sample's weights over all chunks and passes add up to 1.
 * Source: Défossez et al., demucs 4.0.1, {@code apply_model}; a short chunk takes the rising start of the triangle, as there.
 */
final class Segments {
    private final int size;
    private final int stride;
    private final long trackLength;
    private final int passes;
    private final List<Segment> ordered;

    /**
     * One chunk.
     *
     * @param lead how many zeros its pass puts before the track
     */
    record Segment(long start, int length, long lead) {
        /** Where the model's window for this chunk begins: a short chunk is centred in it. */
        long windowStart(int size) {
            return start - (size - length) / 2;
        }

        /** Where the chunk begins inside its window. */
        int offsetInWindow(int size) {
            return (size - length) / 2;
        }
    }

    private Segments(int size, int stride, long trackLength, int passes, List<Segment> ordered) {
        this.size = size;
        this.stride = stride;
        this.trackLength = trackLength;
        this.passes = passes;
        this.ordered = ordered;
    }

    /**
     * @param size of the model's window
     * @param overlap share of a chunk that the next one covers too
     * @param passes 1 for none but the plain one
     * @param random offsets of the further passes, up to half a second
     */
    static Segments cut(long trackLength, int size, int rateHz, double overlap, int passes, RandomGenerator random) {
        int maxLead = rateHz / 2;
        int stride = Math.max(1, (int) ((1 - overlap) * size));
        List<Segment> all = new ArrayList<>();
        for (int pass = 0; pass < passes; pass++) {
            long lead = pass == 0 ? 0 : random.nextInt(1, maxLead + 1);
            for (long start = -lead; start < trackLength; start += stride) {
                all.add(new Segment(start, (int) Math.min(size, trackLength - start), lead));
            }
        }
        all.sort(Comparator.comparingLong(Segment::start));
        return new Segments(size, stride, trackLength, passes, List.copyOf(all));
    }

    /** All chunks by their start: once one is done, no sample before the next one's start changes any more. */
    List<Segment> ordered() {
        return ordered;
    }

    /** The first sample that a window from the n-th chunk on can still read. */
    long firstNeededFrom(int n) {
        long first = trackLength;
        // Only the last chunks of a pass are short and reach back; starts grow, so a bounded look ahead is enough.
        for (int i = n; i < ordered.size() && ordered.get(i).start() - size < first; i++) {
            first = Math.min(first, ordered.get(i).windowStart(size));
        }
        return first;
    }

    /** Weights of a chunk's samples, with the division by the sum over the pass and by the number of passes done already. */
    void weights(Segment segment, float[] into) {
        int reach = (size - 1) / stride;
        for (int i = 0; i < segment.length(); i++) {
            double own = triangle(i);
            double sum = 0;
            for (int k = -reach; k <= reach; k++) {
                long start = segment.start() + (long) k * stride;
                long at = segment.start() + i - start;
                if (start >= -segment.lead() && start < trackLength && at >= 0 && at < size) {
                    sum += triangle((int) at);
                }
            }
            into[i] = (float) (own / sum / passes);
        }
    }

    private double triangle(int i) {
        return Math.min(i + 1, size - i);
    }
}
