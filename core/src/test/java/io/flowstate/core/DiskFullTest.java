package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskFullTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "No space left on device",
                "Disk quota exceeded",
                "There is not enough space on the disk",
                "npm error code ENOSPC"
            })
    void the_words_of_systems_and_programs_are_known(String words) {
        assertThat(DiskFull.isToldBy(words)).isTrue();
        assertThat(DiskFull.isReasonOf(new IOException(words))).isTrue();
    }

    @Test
    void it_is_found_behind_what_others_made_of_it() {
        IOException full = new FileSystemException("bass.wav", null, "No space left on device");

        assertThat(DiskFull.isReasonOf(new IOException("the encoder stopped", full)))
                .isTrue();
    }

    @Test
    void other_failures_are_not_taken_for_it() {
        assertThat(DiskFull.isReasonOf(new AccessDeniedException("bass.wav"))).isFalse();
        assertThat(DiskFull.isReasonOf(new IOException())).isFalse();
    }
}
