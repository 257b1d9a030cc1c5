package io.flowstate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.flowstate.testkit.TinyDemucs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

final class KernelTimesTest {
    /** As ONNX Runtime writes it: each run is told after its nodes. The first is the quickest and does not count, the last was disturbed. */
    private static final String TRACE = """
            [{"cat": "Session", "dur": 900, "ts": 1, "name": "model_loading_uri", "args": {}},
             {"cat": "Node", "dur": 700, "ts": 1010, "name": "/a/Conv_kernel_time", "args": {"op_name": "Conv"}},
             {"cat": "Session", "dur": 800, "ts": 1000, "name": "model_run", "args": {}},
             {"cat": "Node", "dur": 2, "ts": 8001, "name": "/a/Conv_fence_before", "args": {"op_name": "Conv"}},
             {"cat": "Node", "dur": 300, "ts": 8010, "name": "/a/Conv_kernel_time", "args": {"op_name": "Conv"}},
             {"cat": "Node", "dur": 200, "ts": 8310, "name": "/b/Conv_kernel_time", "args": {"op_name": "Conv"}},
             {"cat": "Node", "dur": 250, "ts": 8520, "name": "/b/Softmax_kernel_time", "args": {"op_name": "Softmax"}},
             {"cat": "Node", "dur": 150, "ts": 8780, "name": "/c/Unique_kernel_time", "args": {"op_name": "Unique"}},
             {"cat": "Session", "dur": 940, "ts": 8005, "name": "SequentialExecutor::Execute", "args": {}},
             {"cat": "Session", "dur": 1000, "ts": 8000, "name": "model_run", "args": {}},
             {"cat": "Node", "dur": 5000, "ts": 9010, "name": "/a/Conv_kernel_time", "args": {"op_name": "Conv"}},
             {"cat": "Session", "dur": 6000, "ts": 9005, "name": "model_run", "args": {}}]
            """;

    private static final String ONE_RUN = """
            [{"cat": "Session", "dur": 800, "ts": 1000, "name": "model_run", "args": {}}]
            """;

    private final KernelTimes times =
            KernelTimes.ofQuickestRun(JsonMapper.shared().readTree(TRACE));

    @Test
    void the_kernels_of_an_operator_are_summed_over_the_quickest_warm_run_alone() {
        assertThat(times.microsByOperator())
                .containsEntry("Conv", 500L)
                .containsEntry("Softmax", 250L)
                .containsEntry("Unique", 150L)
                .hasSize(4);
    }

    @Test
    void what_is_no_kernels_is_the_runtimes_own_so_that_all_adds_up_to_the_run() {
        assertThat(times.millis(KernelTimes.BETWEEN)).isEqualTo(0.1);
        assertThat(times.millis()).isEqualTo(1.0);
    }

    @Test
    void classes_gather_operators_and_an_unknown_one_is_not_lost() {
        assertThat(times.millis(OperatorClass.CONVOLUTION)).isEqualTo(0.5);
        assertThat(times.millis(OperatorClass.ATTENTION)).isEqualTo(0.25);
        assertThat(times.millis(OperatorClass.OTHER)).as("Unique, and between").isEqualTo(0.25);
        assertThat(times.millis(OperatorClass.LINEAR)).isZero();
        assertThat(Arrays.stream(OperatorClass.values())
                        .mapToDouble(times::millis)
                        .sum())
                .isCloseTo(times.millis(), within(1e-9));
    }

    @Test
    void a_profile_without_a_warm_run_says_so() {
        assertThatThrownBy(() -> KernelTimes.ofQuickestRun(JsonMapper.shared().readTree(ONE_RUN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without a run after the first");
    }

    @Test
    void a_table_has_each_operator_below_its_class_with_its_share_of_the_window() {
        Map<String, KernelTimes> profiles = new LinkedHashMap<>();
        profiles.put("before", times);
        profiles.put("after", new KernelTimes(Map.of("Conv", 400L, "Gemm", 400L)));

        assertThat(GraphProfile.table(profiles).lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "ms, share of the window before after",
                        "attention 0.3 25.0 % 0.0 0.0 %",
                        " Softmax 0.3 25.0 % 0.0 0.0 %",
                        "linear layers 0.0 0.0 % 0.4 50.0 %",
                        " Gemm 0.0 0.0 % 0.4 50.0 %",
                        "convolution 0.5 50.0 % 0.4 50.0 %",
                        " Conv 0.5 50.0 % 0.4 50.0 %",
                        "all else 0.3 25.0 % 0.0 0.0 %",
                        " Unique 0.2 15.0 % 0.0 0.0 %",
                        " (between operators) 0.1 10.0 % 0.0 0.0 %",
                        "one window 1.0 100.0 % 0.8 100.0 %");
    }

    @Test
    void real_graphs_are_profiled_beside_each_other(@TempDir Path folder) throws Exception {
        Path graph = TinyDemucs.fullSize().writeTo(folder.resolve("tiny.onnx"));

        Map<String, KernelTimes> profiles = GraphProfile.profile(Map.of("one", graph, "other", graph), 2);

        assertThat(profiles).containsOnlyKeys("one", "other");
        assertThat(profiles.values()).allSatisfy(profile -> {
            assertThat(profile.microsByOperator()).hasSizeGreaterThan(1);
            assertThat(profile.microsByOperator().values()).allMatch(micros -> micros >= 0);
        });
    }
}
