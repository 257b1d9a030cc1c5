package io.flowstate.app;

import io.flowstate.core.DurationText;
import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A line when a phase begins and one every few seconds: for logs and pipes. */
final class ProgressLines implements ProgressView {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private final Terminal terminal;
    private final String label;
    private final InstantSource clock;
    private Progress.@Nullable Phase phase;
    private Instant phaseStart;
    private Instant lastLine;

    ProgressLines(Terminal terminal, String label, InstantSource clock) {
        this.terminal = terminal;
        this.label = label;
        this.clock = clock;
        this.phaseStart = clock.instant();
        this.lastLine = phaseStart;
    }

    @Override
    public void on(Progress progress) {
        Instant now = clock.instant();
        if (phase != progress.phase()) {
            phase = progress.phase();
            phaseStart = now;
            lastLine = now;
            terminal.err().println(label + ": " + ProgressView.verb(progress.phase()));
        } else if (!now.isBefore(lastLine.plus(BETWEEN_LINES))) {
            lastLine = now;
            terminal.err().println(line(progress, Duration.between(phaseStart, now)));
        }
    }

    @Override
    public void close() {}

    private String line(Progress progress, Duration elapsed) {
        StringBuilder line = new StringBuilder(label).append(": ").append(ProgressView.verb(progress.phase()));
        double fraction = progress.fraction();
        if (progress.total() > 0) {
            line.append(String.format(Locale.ROOT, " %.0f %%", fraction * 100));
        }
        String speed = ProgressView.speed(progress, elapsed.toMillis() / 1000.0);
        if (!speed.isEmpty()) {
            line.append(", ").append(speed);
        }
        if (fraction > 0 && fraction < 1) {
            Duration left = Duration.ofMillis(Math.round(elapsed.toMillis() * (1 - fraction) / fraction));
            line.append(", ").append(DurationText.of(left)).append(" left");
        }
        return line.toString();
    }
}
