package io.flowstate.engine;

import io.flowstate.core.spi.ModelStore;
import io.flowstate.models.DiskModelStore;
import io.flowstate.models.ModelStoreConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** The published weights for tests, in the same cache that the command uses, so that they are fetched once for a machine. */
final class RealModels {
    private RealModels() {}

    static ModelStore store() {
        Path cache = Optional.ofNullable(System.getenv("FLOWSTATE_HOME"))
                .map(home -> Path.of(home).resolve("models"))
                .or(() -> Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                        .map(xdg -> Path.of(xdg, "flowstate", "models")))
                .orElse(Path.of(System.getProperty("user.home"), ".cache", "flowstate", "models"));
        return new DiskModelStore(ModelStoreConfig.in(cache), Clock.systemUTC());
    }
}
