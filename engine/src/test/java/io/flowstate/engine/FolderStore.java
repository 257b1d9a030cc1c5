package io.flowstate.engine;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A store whose every model is one graph file.
 *
 * @param isWithinReach whether it has one
 */
record FolderStore(Path graph, boolean isWithinReach) implements ModelStore {
    FolderStore(Path graph) {
        this(graph, true);
    }

    @Override
    public Optional<Installed> find(Model model) {
        return isWithinReach ? Optional.of(new Installed(model, Map.of("graph", graph))) : Optional.empty();
    }

    @Override
    public boolean isWithinReach(Model model) {
        return isWithinReach;
    }

    @Override
    public Installed ensure(Model model, Progress.Listener progress, Cancellation cancellation) {
        return new Installed(model, Map.of("graph", graph));
    }

    @Override
    public Derived derived(Model model, Progress.Listener progress, Cancellation cancellation) {
        try {
            return new Derived(Files.createDirectories(graph.resolveSibling("derived")), () -> {});
        } catch (IOException unusable) {
            throw new UncheckedIOException(unusable);
        }
    }
}
