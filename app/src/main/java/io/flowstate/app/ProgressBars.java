package io.flowstate.app;

import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;

/** One bar for each phase, drawn over and over on a terminal, gone when the phase is over. While nobody knows how much there is to do, the time stands in its place. */
final class ProgressBars implements ProgressView {
    private static final int WIDEST = 110;
    private static final int LONGEST_LABEL = 28;
    private static final long SCALE = 1000;
    private static final String ERASE_REST = "\033[K";

    private final Terminal terminal;
    private final String label;
    private final InstantSource clock;
    private Progress.@Nullable Phase phase;
    private @Nullable ProgressBar bar;
    private boolean measured;
    private Instant phaseStart;

    ProgressBars(Terminal terminal, String label, InstantSource clock) {
        this.terminal = terminal;
        this.label = label.length() <= LONGEST_LABEL ? label : label.substring(0, LONGEST_LABEL - 1) + "…";
        this.clock = clock;
        this.phaseStart = clock.instant();
    }

    @Override
    public void on(Progress progress) {
        ProgressBar current = bar;
        boolean measurable = progress.total() > 0;
        if (current == null || phase != progress.phase() || measured != measurable) {
            close();
            phase = progress.phase();
            measured = measurable;
            phaseStart = clock.instant();
            current = start(progress);
            bar = current;
        }
        // The bar counts whole steps; a thousandth of a second or of the total is fine enough to move smoothly.
        if (measurable) {
            current.maxHint(Math.round(progress.total() * SCALE));
        }
        current.stepTo(Math.round(progress.done() * SCALE));
        double seconds = Duration.between(phaseStart, clock.instant()).toMillis() / 1000.0;
        current.setExtraMessage(ProgressView.speed(progress, seconds));
    }

    @Override
    public void close() {
        ProgressBar current = bar;
        if (current != null) {
            current.close();
            bar = null;
            terminal.err().print("\r" + ERASE_REST);
        }
    }

    private ProgressBar start(Progress progress) {
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName(label + ": " + ProgressView.verb(progress.phase()))
                .setInitialMax(measured ? Math.round(progress.total() * SCALE) : -1)
                .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                .setUpdateIntervalMillis(200)
                .setConsumer(new DelegatingProgressBarConsumer(
                        line -> terminal.err().print("\r" + line + ERASE_REST),
                        Math.min(WIDEST, terminal.columns() - 1)));
        if (!measured) {
            return builder.setRenderer(ProgressBars::timed).build();
        }
        return switch (progress.phase()) {
            case PULLING, VERIFYING -> builder.setUnit(" MB", 1_000_000 * SCALE).build();
            case READING, SEPARATING -> builder.setUnit(" s", SCALE).build();
            case QUEUED, OPTIMIZING, LOADING, WRITING ->
                builder.setUnit("", SCALE).hideEta().build();
        };
    }

    private static String timed(ProgressState state, int most) {
        Duration elapsed = state.getElapsedAfterStart();
        String line = "%s  %d:%02d  %s"
                .formatted(state.getTaskName(), elapsed.toMinutes(), elapsed.toSecondsPart(), state.getExtraMessage());
        return line.substring(0, Math.min(most, line.length()));
    }
}
