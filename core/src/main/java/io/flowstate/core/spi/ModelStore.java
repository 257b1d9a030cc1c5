package io.flowstate.core.spi;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Verified model files on this machine. Thread-safe, and safe between processes. */
public interface ModelStore {
    /**
     * A model whose files are all here and were verified when they came.
     *
     * @param files local path by role, e.g. {@code graph}
     */
    record Installed(Model model, Map<String, Path> files) {
        public Installed {
            files = Map.copyOf(files);
        }

        /** @throws IllegalArgumentException if the catalogue entry has no such role */
        public Path file(String role) {
            Path path = files.get(role);
            if (path == null) {
                throw new IllegalArgumentException("%s has no file \"%s\"".formatted(model.id(), role));
            }
            return path;
        }
    }

    /**
     * The right to keep what this machine has made from a model's files: a folder of the model's own, which goes when the model goes. One holder at a time, between threads and
     * processes.
     */
    record Derived(Path folder, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    /** The model if all its files are here; does no network and no hashing. */
    Optional<Installed> find(Model model);

    /** Whether {@link #ensure} is worth a try: the model is here, or has a source that may be asked. Does no network and no hashing. */
    boolean isWithinReach(Model model);

    /**
     * The model, fetched from its sources first when it is not here. Blocks; the calling thread does the work.
     *
     * @throws io.flowstate.core.FlowError {@code MODEL_UNAVAILABLE}, {@code MODEL_CORRUPT}, {@code TOOL_MISSING}, {@code DISK_FULL}, or the cancellation's reason
     */
    Installed ensure(Model model, Progress.Listener progress, Cancellation cancellation);

    /**
     * Waits until nobody else holds it. The folder exists then.
     *
     * @throws io.flowstate.core.FlowError {@code DISK_FULL} or another reason why the folder cannot be used, or the cancellation's reason
     */
    Derived derived(Model model, Progress.Listener progress, Cancellation cancellation);

    /** The folder of {@link #derived}, to look at without waiting for its holder; there may be none yet. Only what holders put there whole can be relied on. */
    Path derivedFolder(Model model);
}
