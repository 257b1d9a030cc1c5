package io.flowstate.engine.demucs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialSumTest {
    private static final int BLOCK = 4;

    @TempDir
    private Path folder;

    @Test
    void what_passes_hold_adds_up_block_by_block() throws IOException {
        try (PartialSum sum = new PartialSum(folder, BLOCK)) {
            pass(sum, true, 1);
            sum.rewind();
            pass(sum, true, 10);
            sum.rewind();

            assertThat(pass(sum, false, 100)).containsExactly(111, 222, 333, 444, 555, 666);
        }
    }

    /** The last pass has nobody after it to read what it would write. */
    @Test
    void adding_without_holding_leaves_what_was_held_as_it_was() throws IOException {
        try (PartialSum sum = new PartialSum(folder, BLOCK)) {
            pass(sum, true, 1);
            sum.rewind();
            pass(sum, false, 10);
            sum.rewind();

            assertThat(pass(sum, false, 100)).containsExactly(101, 202, 303, 404, 505, 606);
        }
    }

    /** Six frames in two blocks, the second one shorter, with {@code unit} times 1 to 6 on the left and the same below zero on the right; gives the sums on the left. */
    private static float[] pass(PartialSum sum, boolean holds, float unit) throws IOException {
        float[] left = new float[6];
        float[][] block = new float[HtDemucs.CHANNELS][BLOCK];
        for (int from = 0; from < left.length; from += BLOCK) {
            int frames = Math.min(BLOCK, left.length - from);
            for (int i = 0; i < frames; i++) {
                block[0][i] = unit * (from + i + 1);
                block[1][i] = -block[0][i];
            }
            sum.addTo(block, frames);
            if (holds) {
                sum.hold(block, frames);
            }
            for (int i = 0; i < frames; i++) {
                left[from + i] = block[0][i];
                assertThat(block[1][i]).isEqualTo(-block[0][i]);
            }
        }
        return left;
    }
}
