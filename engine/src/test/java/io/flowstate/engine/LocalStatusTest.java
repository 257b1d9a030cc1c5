package io.flowstate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.audio.AudioFiles;
import io.flowstate.audio.FfmpegTools;
import io.flowstate.core.catalogue.CatalogueReader;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.ModelStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the provider says of itself before anything has run. */
class LocalStatusTest {
    @TempDir
    private Path folder;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Deployment deployment =
            CatalogueReader.shipped().deployments().values().iterator().next();
    private Instant now = Instant.EPOCH;
    private boolean isThere = true;
    private int looks;

    @AfterEach
    void end() {
        timer.close();
    }

    @Test
    void a_model_that_can_never_fit_is_not_available_and_the_reason_has_the_numbers() {
        long budget = deployment.model().memoryBytes() - 1;
        try (LocalProvider provider = provider(budget, new FolderStore(folder.resolve("never-read")))) {
            assertThat(provider.status(deployment).unavailable().orElseThrow())
                    .contains(
                            "MiB of memory",
                            "the engine may use %d MiB".formatted(budget >> 20),
                            "raise engine.memory");
        }
    }

    @Test
    void a_model_that_is_not_here_and_may_not_be_fetched_is_not_available() {
        try (LocalProvider provider = provider(8L << 30, FolderStore.empty(folder))) {
            assertThat(provider.status(deployment).unavailable().orElseThrow())
                    .contains("models.offline", "flowstate models pull htdemucs");
        }
    }

    @Test
    void a_model_that_is_there_is_looked_for_once_a_second_however_often_one_asks() {
        try (LocalProvider provider = provider(8L << 30, watched())) {
            for (int i = 0; i < 10; i++) {
                assertThat(provider.status(deployment).unavailable()).isEmpty();
            }
            assertThat(looks).isEqualTo(1);

            isThere = false;
            now = now.plusSeconds(1);

            assertThat(provider.status(deployment).unavailable()).isPresent();
        }
    }

    @Test
    void a_model_that_comes_is_available_at_once() {
        isThere = false;
        try (LocalProvider provider = provider(8L << 30, watched())) {
            assertThat(provider.status(deployment).unavailable()).isPresent();

            isThere = true;

            assertThat(provider.status(deployment).unavailable()).isEqualTo(Optional.empty());
        }
    }

    @Test
    void how_long_a_place_stays_taken_is_guessed_before_it_is_known() {
        try (LocalProvider provider = provider(8L << 30, watched())) {
            assertThat(provider.status(deployment).retryAfter()).contains(Duration.ofSeconds(10));
        }
    }

    /** Counts how often somebody looks whether it has the model. */
    private ModelStore watched() {
        return new FolderStore(Map.of(), folder, () -> {
            looks++;
            return isThere;
        });
    }

    private LocalProvider provider(long memoryBudgetBytes, ModelStore store) {
        return new LocalProvider(
                new EngineConfig(1, memoryBudgetBytes, 2, Duration.ofMinutes(5), folder.resolve("scratch")),
                store,
                new AudioFiles(FfmpegTools.in(Path.of(System.getProperty("flowstate.natives"), "ffmpeg"))),
                () -> now,
                timer);
    }
}
