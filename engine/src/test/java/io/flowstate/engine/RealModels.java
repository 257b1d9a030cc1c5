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
        Path cache = variable("FLOWSTATE_HOME")
                .or(() -> variable("XDG_CACHE_HOME").map(caches -> caches.resolve("flowstate")))
                .orElseGet(() -> variable("HOME")
                        .orElseGet(() -> Path.of(System.getProperty("user.home")))
                        .resolve(".cache/flowstate"));
        return new DiskModelStore(ModelStoreConfig.in(cache.resolve("models")), Clock.systemUTC());
    }

    private static Optional<Path> variable(String name) {
        return Optional.ofNullable(System.getenv(name))
                .filter(text -> !text.isEmpty())
                .map(Path::of);
    }
}
