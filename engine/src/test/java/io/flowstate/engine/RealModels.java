package io.flowstate.engine;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.Progress;
import io.flowstate.models.DiskModelStore;
import io.flowstate.models.ModelStoreConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * The published weights for tests, in the same cache that the command uses, so that they are fetched once for a machine.
 *
 * <p>What is made from them is not kept there: tests neither use nor change what the machine has made.
 */
final class RealModels {
    private RealModels() {}

    /**
     * A store that keeps what is derived from a model elsewhere, for one user at a time.
     *
     * @param derived the folder; without one nothing can be derived, and graphs are used as they were published
     */
    record Store(ModelStore published, Optional<Path> derived) implements ModelStore {
        @Override
        public Optional<Installed> find(Model model) {
            return published.find(model);
        }

        @Override
        public boolean isWithinReach(Model model) {
            return published.isWithinReach(model);
        }

        @Override
        public Installed ensure(Model model, Progress.Listener progress, Cancellation cancellation) {
            return published.ensure(model, progress, cancellation);
        }

        @Override
        public Derived derived(Model model, Progress.Listener progress, Cancellation cancellation) {
            return derived.map(folder -> new Derived(folder, () -> {})).orElseThrow(Store::nothing);
        }

        @Override
        public Path derivedFolder(Model model) {
            return derived.orElseThrow(Store::nothing);
        }

        private static FlowError nothing() {
            return FlowError.of(Code.UNAVAILABLE, "Nothing is derived here.");
        }
    }

    static ModelStore asPublished() {
        return new Store(store(), Optional.empty());
    }

    static ModelStore rewrittenIn(Path folder) {
        return new Store(store(), Optional.of(folder));
    }

    private static ModelStore store() {
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
