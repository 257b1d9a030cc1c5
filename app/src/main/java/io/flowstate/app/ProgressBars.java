package io.flowstate.app;

import io.flowstate.core.ByteCount;
import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;

/** One bar for each phase, drawn over and over on a terminal, gone when the phase is over. While nobody knows how much there is to do, the time stands in its place. */
final class ProgressBars implements ProgressView {
    private static final int WIDEST = 110;
    private static final int LONGEST_LABEL = 28;
    private static final int WIDEST_BAR = 30;
    private static final int NARROWEST_BAR = 5;
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
        Progress.Phase current = progress.phase();
        return new ProgressBarBuilder()
                .setTaskName(label + ": " + ProgressView.verb(current))
                .setInitialMax(measured ? Math.round(progress.total() * SCALE) : -1)
                .setUpdateIntervalMillis(200)
                .setRenderer(measured ? (state, most) -> line(state, current, most) : ProgressBars::timed)
                .setConsumer(new DelegatingProgressBarConsumer(
                        line -> terminal.err().print("\r" + line + ERASE_REST),
                        Math.min(WIDEST, terminal.columns() - 1)))
                .build();
    }

    private static String line(ProgressState state, Progress.Phase phase, int most) {
        double share = state.getNormalizedProgress();
        StringBuilder rest = new StringBuilder(amount(phase, state))
                .append(clock(state.getElapsedAfterStart()))
                .append(" elapsed");
        if (share > 0) {
            long left = Math.round(state.getElapsedAfterStart().toMillis() * (1 - share) / share);
            rest.append(", ").append(clock(Duration.ofMillis(left))).append(" left");
        }
        if (!state.getExtraMessage().isEmpty()) {
            rest.append(", ").append(state.getExtraMessage());
        }
        String begin = String.format(Locale.ROOT, "%s %3.0f %% ", state.getTaskName(), share * 100);
        int width = Math.min(WIDEST_BAR, most - begin.length() - rest.length() - 1);
        int filled = (int) Math.round(share * Math.max(0, width));
        String bar = width < NARROWEST_BAR ? "" : "█".repeat(filled) + "░".repeat(width - filled) + " ";
        return cut(begin + bar + rest, most);
    }

    private static String amount(Progress.Phase phase, ProgressState state) {
        return switch (phase) {
            case SENDING, PULLING, VERIFYING, RECEIVING ->
                "%s of %s, "
                        .formatted(ByteCount.text(state.getCurrent() / SCALE), ByteCount.text(state.getMax() / SCALE));
            case READING, SEPARATING ->
                "%s of %s, "
                        .formatted(
                                clock(Duration.ofMillis(state.getCurrent())), clock(Duration.ofMillis(state.getMax())));
            case QUEUED, OPTIMIZING, LOADING, WRITING, RECONNECTING -> "";
        };
    }

    private static String timed(ProgressState state, int most) {
        String line = "%s  %s elapsed  %s"
                .formatted(state.getTaskName(), clock(state.getElapsedAfterStart()), state.getExtraMessage());
        return cut(line, most);
    }

    private static String cut(String line, int most) {
        return line.substring(0, Math.min(most, line.length()));
    }

    private static String clock(Duration time) {
        return time.toHours() == 0
                ? "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart())
                : "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
}
