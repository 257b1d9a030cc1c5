package io.flowstate.engine.demucs;

import io.flowstate.audio.ClipReader;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The part of the scaled track that windows can still need, read on as they ask. Outside the track there are zeros.
 * Used by one thread at a time. It holds no more than the distance between {@link #release} and the furthest window.
 */
final class TrackWindow {
    private static final int BLOCK = 1 << 14;

    private final ClipReader reader;
    private final TrackStatistics statistics;
    private float[][] samples = new float[2][1 << 19];
    private long base;
    private int held;

    TrackWindow(ClipReader reader, TrackStatistics statistics) {
        this.reader = reader;
        this.statistics = statistics;
    }

    /** Writes [start, start + size) of one channel to the buffer's beginning. */
    void copy(int channel, long start, int size, FloatBuffer into) {
        long from = Math.max(0, start);
        long to = Math.min(statistics.frames(), start + size);
        read(to);
        into.clear();
        zeros(into, (int) Math.min(size, from - start));
        if (to > from) {
            into.put(samples[channel], (int) (from - base), (int) (to - from));
        }
        zeros(into, size - into.position());
        into.clear();
    }

    /** Forgets what lies before {@code position}. */
    void release(long position) {
        int drop = (int) Math.min(held, Math.max(0, position - base));
        for (float[] channel : samples) {
            System.arraycopy(channel, drop, channel, 0, held - drop);
        }
        base += drop;
        held -= drop;
    }

    private void read(long upTo) {
        while (base + held < upTo) {
            grow(held + BLOCK);
            int got = reader.read(samples, held, BLOCK);
            if (got < 0) {
                throw FlowError.of(Code.AUDIO_UNREADABLE, "The file became shorter while it was read.")
                        .advice("Send it again when nothing writes to it.");
            }
            for (float[] channel : samples) {
                for (int i = held; i < held + got; i++) {
                    channel[i] = (float) ((channel[i] - statistics.mean()) / statistics.deviation());
                }
            }
            held += got;
        }
    }

    private void grow(int needed) {
        if (needed > samples[0].length) {
            int larger = Math.max(needed, samples[0].length * 3 / 2);
            samples = new float[][] {Arrays.copyOf(samples[0], larger), Arrays.copyOf(samples[1], larger)};
        }
    }

    private static void zeros(FloatBuffer into, int count) {
        for (int i = 0; i < count; i++) {
            into.put(0f);
        }
    }
}
