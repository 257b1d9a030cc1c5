package io.flowstate.engine.demucs;

import io.flowstate.audio.ClipReader;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.util.Optional;

/**
 * What the first pass over a track finds out. The model was trained on tracks scaled by mean and deviation of their mono mix, so the whole track must have been seen
 * before its first segment can be separated.
 *
 * @param mean of the mean of both channels
 * @param deviation of the same, unbiased (n − 1), plus 1e-8
 * @param frames at the model's rate
 * @param sourceFrames at the file's own rate
 * @param missing see {@link ClipReader#missing}
 */
record TrackStatistics(double mean, double deviation, long frames, long sourceFrames, Optional<Duration> missing) {
    private static final int BLOCK = 1 << 14;

    /** Reads the track to its end. Blocks are combined by the parallel form of Welford's method (Chan et al. 1979), which loses no digits on long tracks. */
    static TrackStatistics measure(ClipReader reader, double totalSeconds, Progress.Listener progress) {
        float[][] block = new float[2][BLOCK];
        long n = 0;
        double mean = 0;
        double squares = 0;
        for (int got = reader.read(block, 0, BLOCK); got >= 0; got = reader.read(block, 0, BLOCK)) {
            double sum = 0;
            for (int i = 0; i < got; i++) {
                sum += mono(block, i);
            }
            requireFinite(sum, block, got, n, reader.sampleRateHz());
            double blockMean = sum / got;
            double blockSquares = 0;
            for (int i = 0; i < got; i++) {
                double off = mono(block, i) - blockMean;
                blockSquares += off * off;
            }
            double apart = blockMean - mean;
            squares += blockSquares + apart * apart * n * got / (n + got);
            n += got;
            mean += apart * got / n;
            progress.on(new Progress(Progress.Phase.READING, (double) n / reader.sampleRateHz(), totalSeconds));
        }
        if (n == 0) {
            throw FlowError.of(Code.AUDIO_EMPTY, "The file holds no audio samples.")
                    .advice("Check that the file plays; send one with sound in it.");
        }
        double deviation = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
        return new TrackStatistics(mean, deviation + 1e-8, n, reader.sourceFrames(), reader.missing());
    }

    private static double mono(float[][] block, int i) {
        return 0.5 * ((double) block[0][i] + block[1][i]);
    }

    /** A sum over samples is finite exactly when all of them are: doubles cannot overflow here. */
    private static void requireFinite(double sum, float[][] block, int got, long before, int rate) {
        if (Double.isFinite(sum)) {
            return;
        }
        for (int i = 0; i < got; i++) {
            if (!Double.isFinite(mono(block, i))) {
                throw FlowError.of(
                                Code.AUDIO_NOT_FINITE,
                                "The audio holds NaN or infinite samples, the first at %.3f s.",
                                (double) (before + i) / rate)
                        .advice("Export the file again; such samples come from a fault in the program that wrote it.");
            }
        }
    }
}
