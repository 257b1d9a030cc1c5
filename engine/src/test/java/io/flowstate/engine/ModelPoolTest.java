package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPoolTest {
    @TempDir
    private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final InstantSource clock = now::get;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void end() {
        timer.close();
    }

    @Test
    void the_least_recently_used_model_makes_room_for_a_new_one() throws IOException {
        try (ModelPool pool = pool(100, Duration.ofHours(1))) {
            use(pool, "a", 40);
            use(pool, "b", 40);
            use(pool, "a", 40);

            use(pool, "c", 40);

            assertThat(pool.isLoaded(model("a", 40), "graph")).isTrue();
            assertThat(pool.isLoaded(model("b", 40), "graph")).isFalse();
            assertThat(pool.isLoaded(model("c", 40), "graph")).isTrue();
        }
    }

    @Test
    void a_model_in_use_is_never_unloaded_for_another() throws IOException {
        try (ModelPool pool = pool(100, Duration.ofHours(1));
                ModelPool.Lease inUse = lease(pool, installed("a", 60), "graph")) {
            FlowError refused = catchThrowableOfType(FlowError.class, () -> lease(pool, installed("b", 60), "graph"));

            assertThat(refused.code()).isEqualTo(Code.OUT_OF_MEMORY);
            assertThat(refused.retryAfter()).isPresent();
            assertThat(inUse.graph().inputShapes()).hasSize(2);
        }
    }

    @Test
    void a_model_over_the_whole_budget_is_refused_with_the_numbers() throws IOException {
        try (ModelPool pool = pool(100, Duration.ofHours(1))) {
            FlowError refused = catchThrowableOfType(FlowError.class, () -> lease(pool, installed("a", 101), "graph"));

            assertThat(refused.code()).isEqualTo(Code.UNAVAILABLE);
            assertThat(refused.code().retryHelps()).isFalse();
            assertThat(refused.message()).contains("101 MiB").contains("100 MiB");
        }
    }

    @Test
    void a_model_that_nobody_uses_for_long_is_unloaded_by_itself() throws IOException {
        try (ModelPool pool = pool(100, Duration.ofMillis(400))) {
            use(pool, "a", 40);

            now.set(Instant.EPOCH.plusSeconds(3600));

            while (pool.isLoaded(model("a", 40), "graph")) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void the_graphs_of_one_model_take_turns_although_there_is_room_for_all() throws IOException {
        Model bag = model("bag", 10);
        Installed installed = new Installed(
                bag,
                Map.of(
                        "graph.drums", TinyDemucs.small().writeTo(folder.resolve("drums.onnx")),
                        "graph.bass", TinyDemucs.small().writeTo(folder.resolve("bass.onnx"))));
        try (ModelPool pool = pool(100, Duration.ofHours(1))) {
            use(pool, "other", 10);
            lease(pool, installed, "graph.drums").close();

            lease(pool, installed, "graph.bass").close();

            assertThat(pool.isLoaded(bag, "graph.drums")).isFalse();
            assertThat(pool.isLoaded(bag, "graph.bass")).isTrue();
            assertThat(pool.isLoaded(model("other", 10), "graph")).isTrue();
        }
    }

    private ModelPool pool(long budgetMib, Duration idle) {
        EngineConfig config = new EngineConfig(1, budgetMib << 20, 1, idle);
        return new ModelPool(config, new RewrittenGraphs(new FolderStore(folder), 1), clock, timer);
    }

    private static ModelPool.Lease lease(ModelPool pool, Installed installed, String role) {
        return pool.lease(installed, role, Progress.Listener.NONE, new Cancellation());
    }

    private void use(ModelPool pool, String id, long mib) throws IOException {
        now.updateAndGet(instant -> instant.plusMillis(1));
        lease(pool, installed(id, mib), "graph").close();
    }

    private Installed installed(String id, long mib) throws IOException {
        return new Installed(model(id, mib), Map.of("graph", TinyDemucs.small().writeTo(folder.resolve(id + ".onnx"))));
    }

    private static Model model(String id, long mib) {
        return new Model(
                id,
                id,
                Task.STEMS,
                "demucs",
                List.of(),
                new Model.Licence("any", "any", true, "", ""),
                Stream.of("graph", "graph.drums", "graph.bass")
                        .collect(Collectors.toMap(role -> role, role -> new ModelFile(role, "0".repeat(64), 1))),
                List.of(),
                mib << 20,
                "");
    }
}
