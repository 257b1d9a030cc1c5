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
import java.util.function.BooleanSupplier;

/**
 * A store whose every model has these files, by role.
 *
 * @param derived folder for what is made from them, the same for all models
 * @param reach whether it has them; asked each time
 */
record FolderStore(Map<String, Path> files, Path derived, BooleanSupplier reach) implements ModelStore {
    FolderStore(Map<String, Path> files) {
        this(files, files.values().iterator().next().resolveSibling("derived"), () -> true);
    }

    /** One whose every model is one graph. */
    FolderStore(Path graph) {
        this(Map.of("graph", graph));
    }

    /** One whose every model is out of reach. */
    static FolderStore empty(Path folder) {
        return new FolderStore(Map.of(), folder, () -> false);
    }

    @Override
    public Optional<Installed> find(Model model) {
        return reach.getAsBoolean() ? Optional.of(new Installed(model, files)) : Optional.empty();
    }

    @Override
    public boolean isWithinReach(Model model) {
        return reach.getAsBoolean();
    }

    @Override
    public Installed ensure(Model model, Progress.Listener progress, Cancellation cancellation) {
        return new Installed(model, files);
    }

    @Override
    public Derived derived(Model model, Progress.Listener progress, Cancellation cancellation) {
        try {
            return new Derived(Files.createDirectories(derived), () -> {});
        } catch (IOException unusable) {
            throw new UncheckedIOException(unusable);
        }
    }

    @Override
    public Path derivedFolder(Model model) {
        return derived;
    }
}
