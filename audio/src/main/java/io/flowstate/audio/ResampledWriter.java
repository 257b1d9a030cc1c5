package io.flowstate.audio;

import java.io.IOException;

/**
 * Brings frames to another writer's rate. The caller feeds the rate change; a virtual thread carries what comes out into the other writer, exactly as many frames as
 * that one expects: what the filter gives beyond is dropped, what it lacks is silence.
 */
final class ResampledWriter implements ClipWriter {
    private static final int BUFFER_FRAMES = 8192;

    private final RateChange change;
    private final ClipWriter next;
    private final Companion drainer;

    ResampledWriter(RateChange change, ClipWriter next, int channels, long frames) {
        this.change = change;
        this.next = next;
        this.drainer = Companion.start("resample-drainer", () -> drain(channels, frames));
    }

    private void drain(int channels, long frames) throws IOException {
        float[][] buffer = new float[channels][BUFFER_FRAMES];
        long left = frames;
        try {
            for (int n = change.drain(buffer, 0, BUFFER_FRAMES); n >= 0; n = change.drain(buffer, 0, BUFFER_FRAMES)) {
                int used = (int) Math.min(n, left);
                next.write(buffer, 0, used);
                left -= used;
            }
            change.checkEnd();
            float[][] silence = new float[channels][BUFFER_FRAMES];
            for (; left > 0; left -= Math.min(left, BUFFER_FRAMES)) {
                next.write(silence, 0, (int) Math.min(left, BUFFER_FRAMES));
            }
        } finally {
            // Lets the feeding side fail at once instead of filling a pipe that nobody empties.
            change.close();
        }
    }

    @Override
    public void write(float[][] planar, int offset, int frames) throws IOException {
        drainer.rethrow();
        try {
            change.feed(planar, offset, frames);
        } catch (IOException pipeBroke) {
            drainer.join();
            drainer.rethrow();
            throw pipeBroke;
        }
    }

    @Override
    public void finish() throws IOException {
        change.endInput();
        drainer.join();
        drainer.rethrow();
        next.finish();
    }

    @Override
    public void close() {
        // First what the drainer may be blocked on.
        next.close();
        change.close();
        drainer.join();
    }
}
