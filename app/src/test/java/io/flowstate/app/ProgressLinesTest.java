package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Progress.Phase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProgressLinesTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Instant now = Instant.EPOCH;

    @Test
    void a_phase_begins_with_a_line_and_has_one_every_five_seconds() {
        try (ProgressView view = view(0)) {
            at(view, 0, new Progress(Phase.READING, 0, 60));
            at(view, 1, new Progress(Phase.READING, 60, 60));
            for (int second = 2; second <= 13; second++) {
                at(view, second, new Progress(Phase.SEPARATING, 2 * (second - 2), 60));
            }
        }

        assertThat(lines())
                .containsExactly(
                        "song: reading",
                        "song: separating",
                        "song: separating 17 %, real-time factor 0.50, 25.0 s left",
                        "song: separating 33 %, real-time factor 0.50, 20.0 s left");
    }

    @Test
    void a_download_tells_its_rate_and_an_unknown_total_no_share() {
        try (ProgressView view = view(0)) {
            at(view, 0, new Progress(Phase.PULLING, 0, 0));
            at(view, 10, new Progress(Phase.PULLING, 50_000_000, 0));
        }

        assertThat(lines()).containsExactly("song: fetching the model", "song: fetching the model, 5.0 MB/s");
    }

    @Test
    void a_terminal_gets_bars_that_fit_it_and_go_away() {
        try (ProgressView view = view(100)) {
            at(view, 0, new Progress(Phase.SEPARATING, 0, 60));
            at(view, 10, new Progress(Phase.SEPARATING, 30, 60));
        }

        String drawn = err.toString(StandardCharsets.UTF_8);
        assertThat(drawn).endsWith("\r\033[K");
        assertThat(drawn.split("\r\\R?|\r"))
                .allMatch(line -> line.replace("\033[K", "").length() <= 100)
                .anyMatch(line -> line.contains("song: separating  50 % ")
                        && line.contains("0:30 of 1:00, ")
                        && line.contains(" elapsed, ")
                        && line.contains(" left, real-time factor 0.33"));
    }

    @Test
    void a_terminal_gets_the_time_where_no_share_can_be_told() {
        try (ProgressView view = view(100)) {
            at(view, 0, new Progress(Phase.LOADING, 0, 0));
        }

        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("song: loading the model  0:00 elapsed")
                .doesNotContain("?", "%");
    }

    private ProgressView view(int columns) {
        Terminal terminal = new Terminal(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                columns,
                Map.of(),
                Path.of(""),
                Path.of(""));
        return ProgressView.of(terminal, false, "song", () -> now);
    }

    private void at(ProgressView view, int second, Progress progress) {
        now = Instant.ofEpochSecond(second);
        view.on(progress);
    }

    private java.util.List<String> lines() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
