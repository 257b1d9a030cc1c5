package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Where files with a wrong checksum go, so that somebody can look at them and nothing can run them. One file per name is kept.
 *
 * @param folder of one model
 */
record Quarantine(Path folder) {
    /** Takes the file away and returns the error that says so. */
    FlowError take(Path file, ModelFile expected, String actualSha256) {
        Path cell = put(file, expected.name());
        return corrupt("%s has the sha256 %s, but the catalogue says %s. It was moved to %s and is not used."
                .formatted(expected.name(), actualSha256, expected.sha256(), cell));
    }

    /** @return where the file lies now */
    Path put(Path file, String name) {
        Path cell = folder.resolve(name);
        try {
            Files.createDirectories(folder);
            Files.move(file, cell, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return cell;
        } catch (IOException stuck) {
            throw Disk.failure(stuck, folder);
        }
    }

    /** A delivery that cannot be the catalogue's, seen before there is a whole file. */
    static FlowError corrupt(String what) {
        return FlowError.of(Code.MODEL_CORRUPT, "%s", what)
                .advice(
                        "Try again; if it happens twice, the source has changed or something on the way alters downloads.");
    }
}
