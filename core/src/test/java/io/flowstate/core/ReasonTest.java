package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

final class ReasonTest {
    @Test
    void failures_of_the_file_system_are_told_without_a_class_s_name() {
        assertThat(Reason.of(new NoSuchFileException("/proc/foo"))).isEqualTo("no such file or folder, /proc/foo");
        assertThat(Reason.of(new AccessDeniedException("/locked"))).isEqualTo("permission denied, /locked");
        assertThat(Reason.of(new FileSystemException("/long", null, "File name too long")))
                .isEqualTo("File name too long, /long");
        assertThat(Reason.kind(new AccessDeniedException("/locked"))).isEqualTo("permission denied");
    }

    @Test
    void others_keep_the_kind_that_their_message_may_need() {
        assertThat(Reason.of(new IOException("connection reset "))).isEqualTo("IOException, connection reset");
        assertThat(Reason.of(new IOException())).isEqualTo("IOException");
    }
}
