package io.flowstate.engine.demucs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.Graph;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SeparationTest {
    private static final TinyDemucs TINY = TinyDemucs.small();
    private static final TinyDemucs TIME_ONLY =
            new TinyDemucs(3_440, 32, List.of(0f, 0f, 0f, 0f), List.of(0.4f, 0.3f, 0.2f, 0.1f));
    private static final int STEMS = TINY.time().size();

    @TempDir
    private Path folder;

    private final ExecutorService companion = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        companion.close();
    }

    @RepeatedTest(25)
    void what_passes_in_the_time_branch_comes_back_whole_whatever_the_length_overlap_and_passes(
            RepetitionInfo repetition) throws IOException {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        int length = repetition.getCurrentRepetition() == 1 ? 1 : random.nextInt(1, 6 * TIME_ONLY.size());
        float[][] mix = tones(length, random);

        float[][] stems = separate(TIME_ONLY, mix, random.nextDouble(0, 0.9), random.nextInt(1, 4), new Cancellation());

        double mean = mean(mix);
        for (int row = 0; row < 2 * STEMS; row++) {
            for (int i = 0; i < length; i++) {
                assertThat((double) stems[row][i])
                        .as("%s, row %d, sample %d of %d", repetition, row, i, length)
                        .isCloseTo(expected(TIME_ONLY, mix, mean, row, i), within(1e-5));
            }
        }
    }

    @Test
    void both_branches_add_up_inside_a_window() throws IOException {
        float[][] mix = tones(TINY.size(), new SplittableRandom(5));

        float[][] stems = separate(TINY, mix, 0, 1, new Cancellation());

        // Near a window's ends two of the four frames that cover a sample are dropped, in the reference too.
        int edge = 4 * TINY.bins();
        double mean = mean(mix);
        for (int row = 0; row < 2 * STEMS; row++) {
            for (int i = edge; i < TINY.size() - edge; i++) {
                assertThat((double) stems[row][i])
                        .as("row %d, sample %d", row, i)
                        .isCloseTo(expected(TINY, mix, mean, row, i), within(1e-4));
            }
        }
    }

    @Test
    void the_two_passes_see_a_track_of_a_constant_as_it_is() throws IOException {
        float[][] mix = {new float[5_000], new float[5_000]};
        java.util.Arrays.fill(mix[0], 0.25f);
        java.util.Arrays.fill(mix[1], 0.25f);

        float[][] stems = separate(TIME_ONLY, mix, 0.25, 1, new Cancellation());

        // A deviation of nothing: the scaled track is zero, and each stem gets the mean, as in the reference.
        assertThat((double) stems[0][2_500]).isCloseTo(0.25, within(1e-5));
    }

    @Test
    void a_failing_sink_stops_the_run_with_its_own_error() throws IOException {
        float[][] mix = tones(4 * TINY.size(), new SplittableRandom(1));
        FlowError full = FlowError.of(Code.DISK_FULL, "full");

        assertThatThrownBy(() -> separate(TINY, mix, 0.25, 1, new Cancellation(), (rows, from, count) -> {
                    throw full;
                }))
                .isSameAs(full);
    }

    @Test
    void an_unexpected_fault_beside_the_graph_ends_the_run_as_an_internal_error() throws IOException {
        float[][] mix = tones(4 * TINY.size(), new SplittableRandom(1));

        assertThatThrownBy(() -> separate(TINY, mix, 0.25, 1, new Cancellation(), (rows, from, count) -> {
                    throw new IllegalStateException("a bug");
                }))
                .isInstanceOfSatisfying(
                        FlowError.class, failure -> assertThat(failure.code()).isEqualTo(Code.INTERNAL_ERROR))
                .hasMessageNotContaining("a bug");
    }

    @Test
    void a_cancellation_in_mid_way_surfaces_as_its_reason() throws IOException {
        float[][] mix = tones(4 * TINY.size(), new SplittableRandom(1));
        Cancellation cancellation = new Cancellation();

        assertThatThrownBy(() -> separate(
                        TINY,
                        mix,
                        0.25,
                        1,
                        cancellation,
                        (rows, from, count) -> cancellation.cancel(FlowError.of(Code.CANCELED, "enough"))))
                .hasMessage("enough");
    }

    /** What the graph computes in between is by far the largest part of a run's memory. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void a_track_that_is_given_up_half_way_gives_its_memory_back() throws IOException {
        long held = 256L << 20;
        TinyDemucs large = TINY.holding(256);
        float[][] mix = tones(6 * TINY.size(), new SplittableRandom(1));
        try (Graph graph = Graph.load(large.writeTo(folder.resolve("large.onnx")), 1)) {
            separate(large, graph, mix, 0.25, 1, new Cancellation(), (rows, from, count) -> {});
            long before = residentBytes();
            long[] during = {0};
            Cancellation cancellation = new Cancellation();

            assertThatThrownBy(() -> separate(large, graph, mix, 0.25, 1, cancellation, (rows, from, count) -> {
                        during[0] = residentBytes();
                        cancellation.cancel(FlowError.of(Code.CANCELED, "enough"));
                    }))
                    .hasMessage("enough");

            assertThat(during[0]).as("half-way").isGreaterThan(before + held);
            assertThat(residentBytes()).as("in the end").isLessThan(before + held / 4);
        }
    }

    private static long residentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return 1024
                    * lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElseThrow();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private float[][] separate(TinyDemucs tiny, float[][] mix, double overlap, int passes, Cancellation cancellation)
            throws IOException {
        float[][] stems = new float[2 * STEMS][mix[0].length];
        int[] written = {0};
        separate(tiny, mix, overlap, passes, cancellation, (rows, from, count) -> {
            for (int row = 0; row < rows.length; row++) {
                System.arraycopy(rows[row], from, stems[row], written[0], count);
            }
            written[0] += count;
        });
        assertThat(written[0]).isEqualTo(mix[0].length);
        return stems;
    }

    private void separate(
            TinyDemucs tiny, float[][] mix, double overlap, int passes, Cancellation cancellation, Separation.Sink sink)
            throws IOException {
        try (Graph graph = Graph.load(tiny.writeTo(folder.resolve("tiny.onnx")), 1)) {
            separate(tiny, graph, mix, overlap, passes, cancellation, sink);
        }
    }

    private void separate(
            TinyDemucs tiny,
            Graph graph,
            float[][] mix,
            double overlap,
            int passes,
            Cancellation cancellation,
            Separation.Sink sink) {
        TrackStatistics statistics = TrackStatistics.measure(new MemoryClip(mix, 44_100), 0, Progress.Listener.NONE);
        HtDemucs shape = new HtDemucs(STEMS, tiny.size(), tiny.bins(), Math.ceilDiv(tiny.size(), tiny.bins() / 2));
        Segments segments = Segments.cut(mix[0].length, tiny.size(), 1_000, overlap, passes, new SplittableRandom(3));
        new Separation(shape, graph, segments, new MemoryClip(mix, 44_100), statistics, sink, Continuation.NONE)
                .run(companion, cancellation, Progress.Listener.NONE);
    }

    /** The graph scales the track without its mean, which every stem gets back whole, as in the reference. */
    private static double expected(TinyDemucs tiny, float[][] mix, double mean, int row, int i) {
        double gain = tiny.gain(row / 2);
        return gain * mix[row % 2][i] + (1 - gain) * mean;
    }

    private static double mean(float[][] mix) {
        double sum = 0;
        for (int i = 0; i < mix[0].length; i++) {
            sum += mix[0][i] + mix[1][i];
        }
        return sum / (2 * mix[0].length);
    }

    /** A few tones well below the highest bin, each channel its own. */
    private static float[][] tones(int length, SplittableRandom random) {
        float[][] mix = new float[2][length];
        for (float[] channel : mix) {
            for (int tone = 0; tone < 3; tone++) {
                double frequency = random.nextDouble(0.001, 0.2);
                double phase = random.nextDouble(0, 6);
                for (int i = 0; i < length; i++) {
                    channel[i] += (float) (0.3 * Math.sin(2 * Math.PI * frequency * i + phase));
                }
            }
        }
        return mix;
    }
}
