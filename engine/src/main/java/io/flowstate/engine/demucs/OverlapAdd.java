package io.flowstate.engine.demucs;

import java.util.Arrays;

/**
 * Sums weighted chunks into the finished track. Chunks come in the order of their start, so only one chunk's length is ever open.
 * Used by one thread at a time.
 */
final class OverlapAdd {
    private final float[][] sum;
    private long base;

    /**
     * @param rows one for each stem and channel
     * @param size the longest chunk
     */
    OverlapAdd(int rows, int size, long firstStart) {
        this.sum = new float[rows][size];
        this.base = firstStart;
    }

    /** Adds {@code length} samples of one row that belong at {@code start}, which is no earlier than what has been taken. */
    void add(int row, long start, float[] samples, int from, int length, float[] weights) {
        float[] target = sum[row];
        int at = (int) (start - base);
        for (int i = 0; i < length; i++) {
            target[at + i] += samples[from + i] * weights[i];
        }
    }

    /** The rows whose first samples, up to {@code until}, are finished; valid until {@link #drop}. */
    float[][] rows() {
        return sum;
    }

    long base() {
        return base;
    }

    /** Goes on with sums that were taken from {@link #rows} of another one. */
    void restore(long newBase) {
        base = newBase;
    }

    /** Forgets everything before {@code until}. */
    void drop(long until) {
        int count = (int) Math.min(sum[0].length, until - base);
        for (float[] row : sum) {
            System.arraycopy(row, count, row, 0, row.length - count);
            Arrays.fill(row, row.length - count, row.length, 0f);
        }
        base = until;
    }
}
