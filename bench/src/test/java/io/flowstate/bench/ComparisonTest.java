package io.flowstate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class ComparisonTest {
    private static final List<Bar> BARS = List.of(new Bar(24, Quantity.WALL, 0.5), new Bar(24, Quantity.RSS, 0.9));

    private final Comparison comparison = comparison(24.2);

    @Test
    void ratios_compare_neighbours_in_time_so_that_a_slow_minute_counts_for_nobody() {
        for (double slowness : List.of(1.0, 3.0, 1.0)) {
            comparison.add("ours", run(2 * slowness, 1, 0));
            comparison.add("node", run(4 * slowness, 2, 0));
            comparison.add("torch", run(1.6 * slowness, 0.8, 0));
        }

        assertThat(ratio("node", "wall_s").get("median").asDouble()).isEqualTo(0.5);
        assertThat(ratio("torch", "wall_s").get("median").asDouble()).isCloseTo(1.25, within(1e-9));
    }

    @Test
    void every_contestant_has_its_medians_and_its_minima() {
        for (double wall : List.of(5.0, 3.0, 9.0)) {
            comparison.add("ours", run(wall, 1, 0));
            comparison.add("node", run(2 * wall, 1, 0));
            comparison.add("torch", run(wall, 1, 0));
        }

        JsonNode node = comparison.json().get("contestants").get("node");
        assertThat(node.get("median").get("wall_s").asDouble()).isEqualTo(10);
        assertThat(node.get("minimum").get("wall_s").asDouble()).isEqualTo(6);
        assertThat(node.get("runs")).hasSize(3);
        assertThat(comparison.table()).containsPattern("ours +wall +5.00 \\(3.00\\) s");
    }

    @Test
    void a_bar_stands_beside_the_ratio_that_it_is_for() {
        comparison.add("ours", run(2, 1.9, 0));
        comparison.add("node", run(4, 2, 0));
        comparison.add("torch", run(4, 2, 0));

        assertThat(comparison.table())
                .contains(
                        "/ node                  wall 0.50 (0.50), bar 0.5: met; CPU 0.50 (0.50); peak RSS 0.95 (0.95), bar 0.9: missed")
                .contains("/ torch                 wall 0.50 (0.50); CPU 0.50 (0.50); peak RSS 0.95 (0.95)\n");
    }

    @Test
    void a_bar_says_nothing_about_clips_of_other_lengths() {
        Comparison minute = comparison(60);
        minute.add("ours", run(2, 1, 0));
        minute.add("node", run(4, 2, 0));
        minute.add("torch", run(4, 2, 0));

        assertThat(minute.table()).contains("/ node                  wall 0.50 (0.50); CPU");
    }

    @Test
    void our_own_memory_is_judged_by_the_worst_run() {
        for (double gigabytes : List.of(2.2, 2.4, 2.2)) {
            comparison.add("ours", run(1, gigabytes, 0));
            comparison.add("node", run(1, 3, 0));
            comparison.add("torch", run(1, 3, 0));
        }

        assertThat(comparison.table()).contains("Our peak RSS in any run 2.40 GB, bar 2.3: missed");
    }

    @Test
    void the_table_ends_with_how_quiet_the_machine_was() {
        comparison.add("ours", run(1, 1, 0.02));
        comparison.add("node", run(1, 1, 0.31));
        comparison.add("torch", run(1, 1, 0));

        assertThat(comparison.table())
                .endsWith("load average before a run 0.5 to 0.5; others took up to 31 %, steal up to 4 %");
    }

    private static Comparison comparison(double seconds) {
        Map<String, List<Bar>> bars = new LinkedHashMap<>();
        bars.put("node", BARS);
        bars.put("torch", List.of());
        return new Comparison(new Comparison.Clip("song.flac", seconds), "ours", bars);
    }

    private JsonNode ratio(String peer, String quantity) {
        return comparison.json().get("ratios").get(peer).get(quantity);
    }

    private static Comparison.Run run(double wallSeconds, double gigabytes, double others) {
        return new Comparison.Run(
                new Usage(wallSeconds, wallSeconds, Math.round(gigabytes * 1e9)),
                new Disturbance(others, 0.04, 0.5),
                Map.of());
    }
}
