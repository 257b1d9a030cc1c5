package io.flowstate.audio;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownmixTest {
    @Test
    void five_point_one_is_mixed_as_itu_bs_775_says_and_scaled() {
        float[][] matrix = Downmix.matrix(6, 0, 2);

        double half = Math.sqrt(0.5);
        double sum = 1 + 2 * half;
        assertThat(matrix[0])
                .containsExactly(
                        new float[] {(float) (1 / sum), 0, (float) (half / sum), 0, (float) (half / sum), 0},
                        Offset.offset(1e-7f));
        assertThat(matrix[1])
                .containsExactly(
                        new float[] {0, (float) (1 / sum), (float) (half / sum), 0, 0, (float) (half / sum)},
                        Offset.offset(1e-7f));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 24, 64})
    void full_scale_in_every_channel_gives_full_scale_and_no_more(int channels) {
        for (int outputs = 1; outputs <= 2; outputs++) {
            for (float[] row : Downmix.matrix(channels, 0, outputs)) {
                float sum = 0;
                for (float weight : row) {
                    assertThat(weight).isNotNegative();
                    sum += weight;
                }
                assertThat(sum).isCloseTo(1, Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void a_mask_that_names_too_few_channels_is_not_believed() {
        assertThat(Downmix.matrix(6, 0x3, 2)).isDeepEqualTo(Downmix.matrix(6, 0, 2));
    }
}
