package io.flowstate.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws profiles as bars, all to the same scale, into an SVG file that reads well on light and on dark pages: above, each graph's window as one bar of all classes of
 * operators; below, each class with a bar for each graph. The last graph's bars are strong, those before it pale.
 */
final class ProfilePicture {
    private static final int LABEL_WIDTH = 260;
    private static final int PLOT_WIDTH = 950;
    private static final int WIDTH = LABEL_WIDTH + PLOT_WIDTH + 80;
    private static final int WINDOW_HEIGHT = 28;
    private static final int BAR_HEIGHT = 17;
    private static final int BAR_GAP = 3;
    private static final int GAP = 16;
    private static final int AXIS_HEIGHT = 34;
    private static final String QUIET = "#848d97";
    private static final String PALE = ".45";
    private static final List<Integer> STEPS_MS = List.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000);
    private static final int MOST_STEPS = 8;

    private final Map<String, KernelTimes> profiles;
    private final double longestMs;
    private final StringBuilder drawn = new StringBuilder();
    private int top = GAP;

    private ProfilePicture(Map<String, KernelTimes> profiles) {
        this.profiles = profiles;
        this.longestMs = profiles.values().stream()
                .mapToDouble(KernelTimes::millis)
                .max()
                .orElseThrow();
    }

    /** @param profiles by what the picture calls each graph, one at least */
    static String of(Map<String, KernelTimes> profiles) {
        ProfilePicture picture = new ProfilePicture(profiles);
        profiles.forEach(picture::window);
        for (OperatorClass each : OperatorClass.values()) {
            picture.operators(each);
        }
        return picture.svg();
    }

    /** One graph, all of it. */
    private void window(String graph, KernelTimes times) {
        double middle = top + WINDOW_HEIGHT / 2.0;
        label(middle, QUIET, graph);
        double from = 0;
        for (OperatorClass each : OperatorClass.values()) {
            bar(graph, each, from, times.millis(each), WINDOW_HEIGHT);
            from += times.millis(each);
        }
        figure(middle, from);
        top += WINDOW_HEIGHT + GAP / 2;
    }

    /** One class, in each graph. */
    private void operators(OperatorClass of) {
        top += GAP;
        int height = profiles.size() * (BAR_HEIGHT + BAR_GAP) - BAR_GAP;
        label(top + height / 2.0, of.colour, of.title);
        profiles.forEach((graph, times) -> {
            bar(graph, of, 0, times.millis(of), BAR_HEIGHT);
            figure(top + BAR_HEIGHT / 2.0, times.millis(of));
            top += BAR_HEIGHT + BAR_GAP;
        });
    }

    private void bar(String graph, OperatorClass of, double fromMs, double ms, int height) {
        boolean last = graph.equals(List.copyOf(profiles.keySet()).getLast());
        drawn.append("""
                <rect x="%s" y="%d" width="%s" height="%d" fill="%s" opacity="%s"><title>%s, %s: %.0f ms</title></rect>
                """.formatted(
                        number(x(fromMs)),
                        top,
                        number(x(ms) - x(0)),
                        height,
                        of.colour,
                        last ? "1" : PALE,
                        of.title,
                        graph,
                        ms));
    }

    private void label(double middle, String colour, String text) {
        drawn.append("""
                <text x="%d" y="%s" dy=".35em" text-anchor="end" fill="%s" font-weight="600">%s</text>
                """.formatted(LABEL_WIDTH - 16, number(middle), colour, text));
    }

    private void figure(double middle, double ms) {
        drawn.append("""
                <text x="%s" y="%s" dy=".35em" fill="%s" font-size="14">%.0f</text>
                """.formatted(number(x(ms) + 8), number(middle), QUIET, ms));
    }

    private String svg() {
        int bottom = top + GAP / 2;
        StringBuilder axis = new StringBuilder();
        int step = STEPS_MS.stream()
                .filter(each -> longestMs / each <= MOST_STEPS)
                .findFirst()
                .orElse(STEPS_MS.getLast());
        for (int ms = 0; ms <= longestMs; ms += step) {
            axis.append("""
                    <path d="M%1$s 0V%2$d" stroke="%3$s" stroke-opacity=".3"/>
                    <text x="%1$s" y="%4$d" text-anchor="middle" fill="%3$s">%5$d%6$s</text>
                    """.formatted(number(x(ms)), bottom + 4, QUIET, bottom + 24, ms, ms == 0 ? " ms" : ""));
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="17" role="img" aria-label="Time of one window by kind of operator: %s">
                %s%s</svg>
                """.formatted(WIDTH, bottom + AXIS_HEIGHT, String.join(", ", profiles.keySet()), axis, drawn);
    }

    private double x(double ms) {
        return LABEL_WIDTH + PLOT_WIDTH * ms / longestMs;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value).replaceFirst("\\.?0+$", "");
    }
}
