package io.flowstate.core.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({"250ms,PT0.25S", "30s,PT30S", "1.5 m,PT1M30S", "0.5h,PT30M", "2d,PT48H", "' 7s ',PT7S"})
    void durations_are_read(String text, Duration expected) {
        assertThat(Quantities.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"7,7", "7 B,7", "3KiB,3072", "512 MiB,536870912", "1 TiB,1099511627776"})
    void sizes_are_read(String text, long expected) {
        assertThat(Quantities.size(text)).isEqualTo(expected);
    }

    @Test
    void a_quantity_without_a_unit_that_is_known_is_none() {
        assertThatThrownBy(() -> Quantities.duration("30 sec")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Quantities.size("2 GB")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void neither_is_one_that_cannot_be_counted() {
        assertThatThrownBy(() -> Quantities.duration("99999999999999999999d"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Quantities.duration("0.5ms")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Quantities.size("99999999 TiB")).isInstanceOf(IllegalArgumentException.class);
    }
}
