package io.flowstate.models;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What pulls need on their way: a folder for each model, which belongs to whoever holds the model's lock.
 *
 * @param root of them all; there may be none yet
 */
record WorkFolders(Path root, Locks locks) {
    /** How the name of a folder begins that belongs to one pull alone. */
    static final String PULL = "pull-";

    private static final Logger log = LoggerFactory.getLogger(WorkFolders.class);

    Path of(String modelId) {
        return root.resolve(modelId);
    }

    /**
     * A folder whose model's lock is ours, or free, can hold nothing but what a dead pull has left.
     *
     * @param ours the model whose lock the caller holds
     */
    void sweepDeadPulls(String ours) throws IOException {
        try (DirectoryStream<Path> models = Files.newDirectoryStream(root)) {
            for (Path model : models) {
                String id = model.getFileName().toString();
                if (id.equals(ours)) {
                    sweep(model);
                    continue;
                }
                Optional<Locks.Held> lock = locks.tryHold(id);
                if (lock.isPresent()) {
                    try (Locks.Held _ = lock.get()) {
                        sweep(model);
                    }
                }
            }
        } catch (NoSuchFileException nothingYet) {
            log.trace("no pull has been here before");
        }
    }

    private static void sweep(Path work) throws IOException {
        try (DirectoryStream<Path> pulls = Files.newDirectoryStream(work, PULL + "*")) {
            for (Path pull : pulls) {
                log.info("sweeping {}, left by a pull that died", pull);
                Disk.deleteTree(pull);
            }
        }
    }
}
