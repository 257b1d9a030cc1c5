package io.flowstate.engine.demucs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flowstate.engine.demucs.Segments.Segment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SegmentsTest {
    private static final int SIZE = 343_980;

    @Test
    void a_track_is_cut_where_the_reference_cuts_it() {
        Segments segments = cut(705_600, SIZE, 0.25, 1, 0);

        assertThat(segments.ordered())
                .containsExactly(
                        new Segment(0, 343_980, 0), new Segment(257_985, 343_980, 0), new Segment(515_970, 189_630, 0));
        assertThat(segments.ordered().get(2).windowStart(SIZE)).isEqualTo(438_795);
        assertThat(segments.ordered().get(2).offsetInWindow(SIZE)).isEqualTo(77_175);
    }

    @Test
    void every_start_inside_the_track_makes_a_chunk_even_where_the_one_before_reached_its_end() {
        assertThat(cut(600_000, SIZE, 0.25, 1, 0).ordered()).hasSize(3);
        assertThat(cut(1, SIZE, 0.25, 1, 0).ordered()).containsExactly(new Segment(0, 1, 0));
    }

    @Test
    void a_short_last_chunk_takes_the_rising_start_of_the_triangle() {
        Segments segments = cut(705_600, SIZE, 0.25, 1, 0);
        float[] weights = new float[SIZE];

        segments.weights(segments.ordered().get(2), weights);

        // At 20,000 samples into the third chunk the second is still there, 65,995 samples before its end.
        assertThat((double) weights[20_000]).isCloseTo(20_001.0 / (20_001 + 65_995), within(1e-6));
        assertThat(weights[189_629]).isEqualTo(1f);
    }

    @RepeatedTest(40)
    void weights_add_up_to_one_for_each_sample_whatever_the_length_overlap_and_passes(RepetitionInfo repetition) {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        int size = random.nextInt(50, 400);
        int length = random.nextInt(1, 2_000);
        int passes = random.nextInt(1, 4);
        Segments segments = cut(length, size, random.nextDouble(0, 0.95), passes, repetition.getCurrentRepetition());
        double[] sum = new double[length];
        float[] weights = new float[size];

        for (Segment segment : segments.ordered()) {
            segments.weights(segment, weights);
            for (int i = 0; i < segment.length(); i++) {
                if (segment.start() + i >= 0) {
                    sum[(int) segment.start() + i] += weights[i];
                }
            }
        }

        for (int i = 0; i < length; i++) {
            assertThat(sum[i]).as("sample %d of %d, %s", i, length, repetition).isCloseTo(1, within(1e-5));
        }
    }

    @RepeatedTest(40)
    void what_is_released_is_never_needed_by_a_later_window(RepetitionInfo repetition) {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        int size = random.nextInt(50, 400);
        Segments segments = cut(
                random.nextInt(1, 3_000),
                size,
                random.nextDouble(0, 0.95),
                random.nextInt(1, 5),
                repetition.getCurrentRepetition());

        for (int k = 0; k < segments.ordered().size(); k++) {
            long kept = segments.firstNeededFrom(k);
            for (Segment later :
                    segments.ordered().subList(k, segments.ordered().size())) {
                assertThat(later.windowStart(size)).isGreaterThanOrEqualTo(kept);
            }
        }
    }

    private static Segments cut(long length, int size, double overlap, int passes, long seed) {
        return Segments.cut(length, size, 100, overlap, passes, new SplittableRandom(seed));
    }
}
