package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ByteCountTest {
    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "174300000, 174.3 MB", "5000000000000000, 5000.0 TB"})
    void bytes_are_told_in_the_largest_unit_that_leaves_something_before_the_point(long bytes, String text) {
        assertThat(ByteCount.text(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"512, 512 B", "536870912, 512 MiB", "2726297600, 2.5 GiB", "1073741824, 1 GiB"})
    void memory_is_told_in_the_units_in_which_its_limits_are_set(long bytes, String text) {
        assertThat(ByteCount.memory(bytes)).isEqualTo(text);
    }

    @Test
    void a_person_s_language_does_not_change_them() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            assertThat(ByteCount.text(1_500)).isEqualTo("1.5 kB");
        } finally {
            Locale.setDefault(before);
        }
    }
}
