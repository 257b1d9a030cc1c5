package io.flowstate.audio;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.util.List;

/**
 * A run of ffmpeg that turns a stream of frames at one rate into one at another. One thread feeds, another drains; they must not be the same, for the pipes
 * between hold little. The delay of the filter is already taken out of what comes; its length may be off by some frames, which is for the drainer to
 * trim or pad to {@link #frames}.
 */
final class RateChange implements AutoCloseable {
    private final Child child;
    private final FrameSink sink;
    private final FrameSource source;

    RateChange(FfmpegTools tools, int channels, int fromHz, int toHz, Cancellation cancellation) {
        this.child = Child.fed(
                tools,
                List.of(
                        "-v",
                        "error",
                        "-f",
                        "f32le",
                        "-ar",
                        "" + fromHz,
                        "-ac",
                        "" + channels,
                        "-i",
                        "pipe:0",
                        "-filter_threads",
                        "1",
                        "-af",
                        filter(toHz),
                        "-f",
                        "f32le",
                        "pipe:1"),
                cancellation);
        this.sink = new FrameSink(Encoding.F32, channels, child::write);
        this.source = new FrameSource(child, channels);
    }

    /** A Kaiser-windowed filter of 128 taps at the lower rate, its phases exact fractions. RateChangeTest states how good it is. */
    private static String filter(int toHz) {
        return "aresample=%d:filter_size=128:phase_shift=10:exact_rational=1:cutoff=0.95:filter_type=kaiser:kaiser_beta=12"
                .formatted(toHz);
    }

    /** Frames that {@code count} frames become. */
    static long frames(long count, int fromHz, int toHz) {
        return Math.round((double) count * toHz / fromHz);
    }

    void feed(float[][] planar, int offset, int frames) throws IOException {
        sink.write(planar, offset, frames);
    }

    void endInput() {
        child.endInput();
    }

    /** Frames drained, 1..max; -1 at the end, whatever the reason. */
    int drain(float[][] into, int offset, int max) {
        return source.read(into, offset, max);
    }

    /** After the end: throws why it came early, if it did. */
    void checkEnd() {
        if (child.awaitExit() != 0) {
            throw FlowError.of(Code.INTERNAL_ERROR, "ffmpeg could not change the sample rate: %s.", child.complaint());
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
