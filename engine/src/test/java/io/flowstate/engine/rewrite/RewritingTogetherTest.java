package io.flowstate.engine.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Cancellation;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.Graph;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several threads or processes that want the same graph at once. */
@Timeout(120)
class RewritingTogetherTest {
    private static final FoldedScale FOLDED_SCALE = new FoldedScale();

    @TempDir
    private Path folder;

    private final CountDownLatch waiting = new CountDownLatch(1);
    private final AtomicInteger attempts = new AtomicInteger();
    private TinyModel model;

    @BeforeEach
    void install() throws IOException {
        model = TinyModel.in(folder, TinyModel.scaled(8, 16));
    }

    @Test
    void one_makes_it_and_the_other_waits_for_it() throws Exception {
        Rule slow = new MulRule((graph, node) -> {
            attempts.incrementAndGet();
            await(waiting);
            return FOLDED_SCALE.replaceAt(graph, node);
        });

        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Path> one = threads.submit(() -> load(slow));
            Future<Path> other = threads.submit(() -> load(slow));

            assertThat(one.get()).hasParent(model.derived()).isEqualTo(other.get());
        }
        assertThat(attempts).hasValue(1);
    }

    @Test
    void a_process_that_is_killed_in_the_middle_holds_nobody_up_and_leaves_nothing() throws Exception {
        Process other = RewritingProcess.start(folder);
        try (ExecutorService threads = Executors.newFixedThreadPool(1);
                BufferedReader said = other.inputReader()) {
            assertThat(said.lines().anyMatch(RewritingProcess.IN_THE_MIDDLE::equals))
                    .isTrue();
            assertThat(model.kept()).singleElement().asString().endsWith(".part");

            Future<Path> loaded = threads.submit(() -> load(FOLDED_SCALE));
            await(waiting);
            Graph.load(model.original(), 1).close();
            other.destroyForcibly().waitFor();

            assertThat(loaded.get()).hasParent(model.derived());
            assertThat(model.kept()).hasSize(2).noneMatch(name -> name.endsWith(".part"));
            Graph.load(loaded.get(), 1).close();
        } finally {
            other.destroyForcibly();
        }
    }

    private Path load(Rule rule) {
        return model.by(rule)
                .graph(
                        model.installed(),
                        TinyModel.ROLE,
                        progress -> {
                            if (progress.phase() == Progress.Phase.QUEUED) {
                                waiting.countDown();
                            }
                        },
                        new Cancellation());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }
}
