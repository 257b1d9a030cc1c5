package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class GraphTest {
    @TempDir
    private Path folder;

    @Test
    void computes_from_and_into_buffers_that_are_never_copied() throws IOException {
        TinyDemucs tiny = TinyDemucs.small();
        try (Graph graph = Graph.load(tiny.writeTo(folder.resolve("g.onnx")), 1);
                Graph.Buffers buffers = graph.allocate()) {
            FloatBuffer wave = buffers.input(0);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < wave.capacity(); i++) {
                wave.put(i, (float) random.nextDouble(-1, 1));
            }

            graph.run(buffers, new Cancellation());
            float once = buffers.output(1).get(5);
            wave.put(5, 0.5f);
            graph.run(buffers, new Cancellation());

            assertThat(once).isNotEqualTo(buffers.output(1).get(5));
            assertThat(buffers.output(1).get(5)).isEqualTo(0.5f * tiny.time().get(0));
            int second = 2 * tiny.size();
            assertThat(buffers.output(1).get(second + 9))
                    .isEqualTo(wave.get(9) * tiny.time().get(1));
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void takes_numbers_below_the_normal_range_as_zero_on_every_thread_and_gives_the_thread_its_arithmetic_back()
            throws IOException, ExecutionException, InterruptedException {
        Path file = TinyDemucs.small().writeTo(folder.resolve("g.onnx"));
        try (Graph graph = Graph.load(file, 1);
                Graph.Buffers buffers = graph.allocate();
                ExecutorService another = Executors.newSingleThreadExecutor()) {
            buffers.input(0).put(5, Float.MIN_NORMAL);

            float halved = another.submit(() -> {
                        graph.run(buffers, new Cancellation());
                        return buffers.input(0).get(5) / 2;
                    })
                    .get();

            assertThat(buffers.output(1).get(5)).isZero();
            assertThat(halved).isEqualTo(0x1p-127f);
        }
    }

    @Test
    @Timeout(30)
    void stops_in_the_middle_of_a_run_when_canceled() throws Exception {
        // 3,000 products of 2·512³ operations: far longer than the time allowed, were it not stopped.
        Path slow = TinyDemucs.small().slowedBy(3_000).writeTo(folder.resolve("slow.onnx"));
        Cancellation cancellation = new Cancellation();
        CountDownLatch loaded = new CountDownLatch(1);
        Thread canceler = Thread.ofVirtual().start(() -> {
            try {
                loaded.await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            cancellation.cancel(FlowError.of(Code.CANCELED, "enough"));
        });
        try (Graph graph = Graph.load(slow, 1);
                Graph.Buffers buffers = graph.allocate()) {
            loaded.countDown();

            assertThatThrownBy(() -> graph.run(buffers, cancellation)).hasMessage("enough");
        }
        canceler.join();
    }

    @Test
    void a_file_that_is_no_graph_is_reported_as_corrupt_with_what_to_do() throws IOException {
        Path file = Files.writeString(folder.resolve("g.onnx"), "not a graph");

        FlowError refused = catchThrowableOfType(FlowError.class, () -> Graph.load(file, 1));

        assertThat(refused.code()).isEqualTo(Code.MODEL_CORRUPT);
        assertThat(refused.message()).contains("g.onnx").doesNotContain(folder.toString());
        assertThat(refused.advice())
                .hasValueSatisfying(advice -> assertThat(advice).contains("flowstate models"));
    }
}
