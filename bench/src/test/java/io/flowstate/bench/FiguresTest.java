package io.flowstate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from the system, and what is made of it. */
final class FiguresTest {
    @Test
    void quantiles_lie_between_neighbours() {
        double[] values = {4, 1, 3, 2};

        assertThat(Statistics.quantile(values, 0)).isEqualTo(1);
        assertThat(Statistics.quantile(values, 0.5)).isEqualTo(2.5);
        assertThat(Statistics.quantile(values, 1)).isEqualTo(4);
        assertThat(Statistics.median(List.of(7.0))).isEqualTo(7);
    }

    @Test
    void there_is_no_quantile_of_nothing() {
        assertThatThrownBy(() -> Statistics.quantile(new double[0], 0.5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_report_of_gnu_time_is_read_whatever_warnings_stand_before_it() {
        Usage usage = Usage.parse("Command terminated by signal 15\n27.80 40.10 6.00 5570000\n");

        assertThat(usage.wallSeconds()).isEqualTo(27.8);
        assertThat(usage.cpuSeconds()).isCloseTo(46.1, within(1e-9));
        assertThat(usage.peakRssBytes()).isEqualTo(5_570_000L * 1024);
    }

    @Test
    void a_command_that_fails_is_reported_with_what_it_said(@TempDir Path folder) {
        assertThatThrownBy(() ->
                        Usage.run(List.of("sh", "-c", "echo no such song; exit 3"), Map.of(), folder.resolve("log")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended with 3")
                .hasMessageContaining("no such song");
    }

    @Test
    void what_others_used_is_what_was_busy_and_not_our_own() {
        // user nice system idle iowait irq softirq steal guest guest_nice
        Disturbance.Start start =
                Disturbance.Start.parse("cpu  100 0 50 1000 10 0 0 5 0 0\ncpu0 1 2", "0.52 1.0 1.1 2/3 4");
        Disturbance.Start end = Disturbance.Start.parse("cpu  700 0 150 1200 10 0 0 105 0 0\n", "3.1 1.0 1.1 2/3 4");

        Disturbance disturbance = start.until(end, 4);

        // 1000 ticks passed: 600 user and 100 system, of which we used 400, and 100 stolen.
        assertThat(disturbance.othersShare()).isCloseTo(0.3, within(1e-9));
        assertThat(disturbance.stealShare()).isCloseTo(0.1, within(1e-9));
        assertThat(disturbance.loadAverage()).isEqualTo(0.52);
    }

    @Test
    void peak_memory_is_read_from_a_status_of_the_system() {
        assertThat(PeakMemory.parse("Name:\tjava\nVmPeak:\t 900 kB\nVmHWM:\t   5236 kB\nVmRSS:\t 12 kB\n"))
                .isEqualTo(5236 * 1024);
    }

    @Test
    void the_figures_of_a_window_survive_the_way_between_processes() {
        WindowRun.Figures figures = new WindowRun.Figures(2.75, 5.2, 0.91, 1_970_000_000L);

        assertThat(WindowRun.Figures.parse(figures.toString())).isEqualTo(figures);
    }

    @Test
    void so_do_the_options_of_a_session() {
        WindowRun.Options options = new WindowRun.Options(true, false, true, true, 2, 4);

        assertThat(WindowRun.Options.parse(
                        options.asArguments(Path.of("graph.onnx"), 3).toArray(String[]::new)))
                .isEqualTo(options);
    }
}
