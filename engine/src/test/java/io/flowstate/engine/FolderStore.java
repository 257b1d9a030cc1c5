package io.flowstate.engine;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.Progress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A store whose every model has these files, by role. */
record FolderStore(Map<String, Path> files) implements ModelStore {
    /** One whose every model is one graph. */
    FolderStore(Path graph) {
        this(Map.of("graph", graph));
    }

    @Override
    public Optional<Installed> find(Model model) {
        return Optional.of(new Installed(model, files));
    }

    @Override
    public Installed ensure(Model model, Progress.Listener progress, Cancellation cancellation) {
        return new Installed(model, files);
    }
}
