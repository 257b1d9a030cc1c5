package io.flowstate.audio;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.jtransforms.fft.DoubleFFT_1D;
import org.visnow.jlargearrays.ConcurrencyUtils;

/**
 * The short-time Fourier transform and its inverse, as torch.stft and torch.istft define them with {@code center=True}, {@code pad_mode="reflect"},
 * {@code normalized=True} and a periodic Hann window of the transform's size.
 *
 * <p>Frame f is centred on sample f·hop; the signal goes on beyond its ends as in a mirror, the edge sample not repeated. A spectrum is divided by √size. The inverse
 * adds windowed frames up and divides by the sum of the squared windows; its length does not count the mirrored ends.
 *
 * <p>Spectra lie in memory as a model's graph takes them: two planes, real and imaginary, each [bin][frame], the frame running fastest. A frame's bins are
 * therefore far apart, and going through them one by one would miss the cache at each; so {@value #TILE} frames are computed before they are turned over, and then each
 * bin gets a line of the cache at once.
 *
 * <p>Computes in double and rounds once. Allocates nothing after construction, and is not thread-safe: one for each thread.
 */
public final class Stft {
    private static final int TILE = 16;

    /** Sums of squared windows below this are gaps, where nothing is known and nothing is divided. */
    private static final double GAP = 1e-11;

    private final int size;
    private final int hop;
    private final int bins;
    private final DoubleFFT_1D fft;
    private final double[] window;
    private final double scale;
    private final double[][] tile;
    private final float[] line = new float[TILE];
    private final double[] sum;
    private final double[] weight;

    static {
        // The transform would spread larger sizes over threads of its own; here the caller's thread does the work.
        ConcurrencyUtils.setNumberOfThreads(1);
    }

    /**
     * @param size of window and transform; even
     * @param hop samples from frame to frame, at most {@code size}
     * @param bins how many are kept, from 0 Hz up, at most {@code size/2 + 1}; the inverse takes the others as zero
     */
    public Stft(int size, int hop, int bins) {
        if (size < 2 || size % 2 != 0 || hop < 1 || hop > size || bins < 1 || bins > size / 2 + 1) {
            throw new IllegalArgumentException("size %d, hop %d, bins %d".formatted(size, hop, bins));
        }
        this.size = size;
        this.hop = hop;
        this.bins = bins;
        this.fft = new DoubleFFT_1D(size);
        this.scale = Math.sqrt(size);
        this.tile = new double[TILE][size];
        this.sum = new double[size];
        this.weight = new double[size];
        this.window = new double[size];
        for (int i = 0; i < size; i++) {
            window[i] = 0.5 * (1 - Math.cos(2 * Math.PI * i / size));
        }
    }

    /** How many frames a signal has. */
    public int frames(int samples) {
        return 1 + samples / hop;
    }

    /**
     * Spectra of some of a signal's frames.
     *
     * @param signal samples 0..{@code samples}-1, more than {@code size/2} of them
     * @param into takes two planes of {@code bins * frames} values
     * @param realAt where in {@code into} the real plane begins
     * @param imaginaryAt where in {@code into} the imaginary plane begins
     */
    public void forward(
            float[] signal, int samples, int firstFrame, int frames, FloatBuffer into, int realAt, int imaginaryAt) {
        if (samples <= size / 2 || firstFrame < 0 || firstFrame + frames > frames(samples)) {
            throw new IllegalArgumentException("frames %d+%d of %d samples".formatted(firstFrame, frames, samples));
        }
        for (int done = 0; done < frames; done += TILE) {
            int count = Math.min(TILE, frames - done);
            for (int i = 0; i < count; i++) {
                cut(signal, samples, firstFrame + done + i, tile[i]);
                fft.realForward(tile[i]);
            }
            for (int bin = 0; bin < bins; bin++) {
                int at = bin * frames + done;
                for (int i = 0; i < count; i++) {
                    line[i] = (float) (real(tile[i], bin) / scale);
                }
                into.put(realAt + at, line, 0, count);
                for (int i = 0; i < count; i++) {
                    line[i] = (float) (imaginary(tile[i], bin) / scale);
                }
                into.put(imaginaryAt + at, line, 0, count);
            }
        }
    }

    private void cut(float[] signal, int samples, int frame, double[] into) {
        int start = frame * hop - size / 2;
        if (start >= 0 && start + size <= samples) {
            for (int i = 0; i < size; i++) {
                into[i] = window[i] * signal[start + i];
            }
        } else {
            for (int i = 0; i < size; i++) {
                into[i] = window[i] * signal[mirrored(start + i, samples)];
            }
        }
    }

    private static int mirrored(int at, int samples) {
        int inside = Math.abs(at);
        return inside < samples ? inside : 2 * (samples - 1) - inside;
    }

    // The packed form of a real transform: bin 0 and bin size/2 are real and share the first two places.

    private double real(double[] packed, int bin) {
        return bin == size / 2 ? packed[1] : packed[2 * bin];
    }

    private double imaginary(double[] packed, int bin) {
        return bin == 0 || bin == size / 2 ? 0 : packed[2 * bin + 1];
    }

    /**
     * Some samples of the signal whose spectrum has {@code allFrames} frames, of which those outside {@code firstFrame..firstFrame+frames-1} are silent.
     *
     * @param from holds two planes of {@code bins * frames} values
     * @param realAt where in {@code from} the real plane begins
     * @param imaginaryAt where in {@code from} the imaginary plane begins
     * @param into takes samples {@code start..start+samples-1} of the signal at its beginning; samples that no frame reaches are zero
     */
    public void inverse(
            FloatBuffer from,
            int realAt,
            int imaginaryAt,
            int firstFrame,
            int frames,
            int allFrames,
            int start,
            int samples,
            float[] into) {
        Arrays.fill(sum, 0);
        Arrays.fill(weight, 0);
        Arrays.fill(into, 0, samples, 0);
        for (int frame = 0; frame < allFrames; frame++) {
            int place = frame - firstFrame;
            boolean isSilent = place < 0 || place >= frames;
            if (!isSilent && place % TILE == 0) {
                fillTile(from, realAt, imaginaryAt, frames, place);
            }
            add(isSilent ? null : tile[place % TILE]);
            // What lies before the next frame's first sample gets no more. After the last frame, that is everything.
            int done = frame == allFrames - 1 ? size : hop;
            emit(frame * hop - size / 2, done, start, samples, into);
        }
    }

    private void fillTile(FloatBuffer from, int realAt, int imaginaryAt, int frames, int place) {
        int count = Math.min(TILE, frames - place);
        for (int i = 0; i < count; i++) {
            Arrays.fill(tile[i], 0);
        }
        for (int bin = 0; bin < bins; bin++) {
            int at = bin * frames + place;
            from.get(realAt + at, line, 0, count);
            int realPlace = bin == size / 2 ? 1 : 2 * bin;
            for (int i = 0; i < count; i++) {
                tile[i][realPlace] = line[i] * scale;
            }
            if (bin == 0 || bin == size / 2) {
                continue;
            }
            from.get(imaginaryAt + at, line, 0, count);
            for (int i = 0; i < count; i++) {
                tile[i][2 * bin + 1] = line[i] * scale;
            }
        }
        for (int i = 0; i < count; i++) {
            fft.realInverse(tile[i], true);
        }
    }

    private void add(double @Nullable [] frame) {
        for (int i = 0; i < size; i++) {
            weight[i] += window[i] * window[i];
        }
        if (frame != null) {
            for (int i = 0; i < size; i++) {
                sum[i] += window[i] * frame[i];
            }
        }
    }

    /** Hands {@code count} finished samples on, the first of which is the signal's sample {@code at}, and moves the sums up. */
    private void emit(int at, int count, int start, int samples, float[] into) {
        int first = Math.max(at, start);
        int end = Math.min(at + count, start + samples);
        for (int sample = first; sample < end; sample++) {
            double divisor = weight[sample - at];
            into[sample - start] = divisor > GAP ? (float) (sum[sample - at] / divisor) : 0;
        }
        System.arraycopy(sum, count, sum, 0, size - count);
        Arrays.fill(sum, size - count, size, 0);
        System.arraycopy(weight, count, weight, 0, size - count);
        Arrays.fill(weight, size - count, size, 0);
    }

    /**
     * Continues a signal beyond its ends as in a mirror, the edge sample not repeated.
     *
     * @param samples length of {@code signal}'s part that counts; both pads are shorter
     * @param into takes {@code left + samples + right} values
     */
    public static void reflect(float[] signal, int samples, int left, int right, float[] into) {
        if (left < 0 || right < 0 || left >= samples || right >= samples) {
            throw new IllegalArgumentException("pads %d and %d of %d samples".formatted(left, right, samples));
        }
        System.arraycopy(signal, 0, into, left, samples);
        for (int i = 1; i <= left; i++) {
            into[left - i] = signal[i];
        }
        for (int i = 1; i <= right; i++) {
            into[left + samples - 1 + i] = signal[samples - 1 - i];
        }
    }
}
