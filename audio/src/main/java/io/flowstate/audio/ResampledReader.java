package io.flowstate.audio;

import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Another reader at another rate. A virtual thread carries frames from the source into the rate change; the caller drains it. The length is exact: what the filter
 * gives beyond it is dropped, what it lacks is silence.
 */
final class ResampledReader implements ClipReader {
    private static final int BUFFER_FRAMES = 8192;

    private final ClipReader source;
    private final int sampleRateHz;
    private final RateChange change;
    private final Companion feeder;
    private long given;

    /** The source's length; set before the rate change can know of the end, so that whoever sees surplus frames sees this too. */
    private volatile long exactFrames = Long.MAX_VALUE;

    ResampledReader(FfmpegTools tools, ClipReader source, int sampleRateHz, Cancellation cancellation) {
        this.source = source;
        this.sampleRateHz = sampleRateHz;
        this.change = new RateChange(tools, source.channels(), source.sampleRateHz(), sampleRateHz, cancellation);
        this.feeder = Companion.start("resample-feeder", this::feed);
    }

    private void feed() throws IOException {
        try {
            float[][] buffer = new float[source.channels()][BUFFER_FRAMES];
            for (int n = source.read(buffer, 0, BUFFER_FRAMES); n >= 0; n = source.read(buffer, 0, BUFFER_FRAMES)) {
                change.feed(buffer, 0, n);
            }
            exactFrames = RateChange.frames(source.sourceFrames(), source.sampleRateHz(), sampleRateHz);
        } finally {
            change.endInput();
        }
    }

    @Override
    public int channels() {
        return source.channels();
    }

    @Override
    public int sampleRateHz() {
        return sampleRateHz;
    }

    @Override
    public int read(float[][] into, int offset, int max) {
        int n = change.drain(into, offset, max);
        while (n > 0 && given == exactFrames) {
            n = change.drain(into, offset, max);
        }
        if (n < 0) {
            checkEnd();
            n = (int) Math.min(max, exactFrames - given);
            for (float[] channel : into) {
                Arrays.fill(channel, offset, offset + n, 0);
            }
        }
        n = (int) Math.min(n, exactFrames - given);
        given += n;
        return n == 0 ? -1 : n;
    }

    private void checkEnd() {
        feeder.join();
        try {
            feeder.rethrow();
        } catch (IOException pipeBroke) {
            change.checkEnd();
            throw new IllegalStateException("the rate change took no more frames but ended well", pipeBroke);
        }
        change.checkEnd();
    }

    @Override
    public long sourceFrames() {
        return source.sourceFrames();
    }

    @Override
    public Optional<Duration> missing() {
        return source.missing();
    }

    @Override
    public void close() {
        source.close();
        change.close();
        feeder.join();
    }
}
