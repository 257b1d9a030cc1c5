package io.flowstate.bench;

import io.flowstate.audio.Stft;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jtransforms.fft.DoubleFFT_1D;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The transforms of one window of htdemucs, which must hide behind the graph's run: two channels forward, eight rows (four stems, two channels) back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class TransformsBenchmark {
    private static final int SIZE = 4096;
    private static final int HOP = 1024;
    private static final int BINS = 2048;
    private static final int FRAMES = 336;
    private static final int SAMPLES = 343_980;
    private static final int PADDED = (FRAMES + 3) * HOP;
    private static final int PLANE = BINS * FRAMES;
    private static final int CHANNELS = 2;
    private static final int ROWS = 8;

    private final Stft stft = new Stft(SIZE, HOP, BINS);
    private final float[] signal = new float[PADDED];
    private final float[] restored = new float[SAMPLES];
    private final FloatBuffer spectrum = direct(2 * CHANNELS * PLANE);
    private final FloatBuffer spectra = direct(2 * ROWS * PLANE);

    private final DoubleFFT_1D fft = new DoubleFFT_1D(SIZE);
    private final double[] frameOnly = new double[SIZE];
    private final double[] window = new double[SIZE];

    @Setup
    public void fill() {
        for (int i = 0; i < SIZE; i++) {
            window[i] = 0.5 * (1 - Math.cos(2 * Math.PI * i / SIZE));
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < signal.length; i++) {
            signal[i] = random.nextFloat() - 0.5f;
        }
        for (int i = 0; i < spectra.capacity(); i++) {
            spectra.put(i, random.nextFloat() - 0.5f);
        }
    }

    @Benchmark
    public FloatBuffer forward() {
        for (int channel = 0; channel < CHANNELS; channel++) {
            stft.forward(signal, PADDED, 2, FRAMES, spectrum, 2 * channel * PLANE, (2 * channel + 1) * PLANE);
        }
        return spectrum;
    }

    @Benchmark
    public float[] inverse() {
        for (int row = 0; row < ROWS; row++) {
            stft.inverse(
                    spectra, 2 * row * PLANE, (2 * row + 1) * PLANE, 2, FRAMES, FRAMES + 4, 1536, SAMPLES, restored);
        }
        return restored;
    }

    /** The library's transforms alone, as many as {@link #forward} needs: what no arrangement around them can go below. */
    @Benchmark
    public double[] forwardLibraryAlone() {
        for (int frame = 0; frame < CHANNELS * FRAMES; frame++) {
            for (int i = 0; i < SIZE; i++) {
                frameOnly[i] = signal[i];
            }
            fft.realForward(frameOnly);
        }
        return frameOnly;
    }

    /** As many as {@link #inverse} needs. */
    @Benchmark
    public double[] inverseLibraryAlone() {
        for (int frame = 0; frame < ROWS * FRAMES; frame++) {
            for (int i = 0; i < SIZE; i++) {
                frameOnly[i] = signal[i];
            }
            fft.realInverse(frameOnly, true);
        }
        return frameOnly;
    }

    /** The plain twin of {@link #forward}: frame by frame, each bin put where it belongs, with the same library. */
    @Benchmark
    public FloatBuffer forwardPlain() {
        double scale = Math.sqrt(SIZE);
        for (int channel = 0; channel < CHANNELS; channel++) {
            for (int frame = 0; frame < FRAMES; frame++) {
                for (int i = 0; i < SIZE; i++) {
                    frameOnly[i] = window[i] * signal[frame * HOP + i];
                }
                fft.realForward(frameOnly);
                for (int bin = 0; bin < BINS; bin++) {
                    int at = 2 * channel * PLANE + bin * FRAMES + frame;
                    spectrum.put(at, (float) (frameOnly[2 * bin] / scale));
                    spectrum.put(at + PLANE, bin == 0 ? 0 : (float) (frameOnly[2 * bin + 1] / scale));
                }
            }
        }
        return spectrum;
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** The command that runs them. */
    @Command(name = "transforms", header = "Time the transforms of one window with JMH.")
    static final class Launch implements Callable<Integer> {
        @Option(
                names = "--seconds",
                description =
                        "Length of one of the five warm-up and five measured iterations. Default: ${DEFAULT-VALUE}.")
        int seconds = 2;

        @Override
        public Integer call() throws RunnerException {
            new Runner(new OptionsBuilder()
                            .include(TransformsBenchmark.class.getName())
                            .forks(1)
                            .warmupIterations(5)
                            .warmupTime(TimeValue.seconds(seconds))
                            .measurementIterations(5)
                            .measurementTime(TimeValue.seconds(seconds))
                            .build())
                    .run();
            return 0;
        }
    }
}
