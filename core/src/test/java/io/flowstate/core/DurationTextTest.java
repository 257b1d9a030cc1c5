package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DurationTextTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ms",
        "PT0.010S, 10 ms",
        "PT1S, 1.0 s",
        "PT24.34S, 24.3 s",
        "PT4M5S, 4:05 min",
        "PT1H2M3S, 1:02:03 h"
    })
    void a_length_of_time_is_told_so_that_no_short_one_looks_like_none(Duration duration, String text) {
        assertThat(DurationText.of(duration)).isEqualTo(text);
    }
}
