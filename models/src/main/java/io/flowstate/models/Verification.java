package io.flowstate.models;

import java.nio.file.Path;
import java.util.List;

/**
 * What hashing every file of a model showed.
 *
 * @param files one for each role of the catalogue entry, sorted by role; none when the model was never pulled
 */
public record Verification(List<CheckedFile> files) {
    public Verification {
        files = List.copyOf(files);
    }

    /** How a file stands. */
    public enum State {
        OK,
        MISSING,
        WRONG_SIZE,
        WRONG_CHECKSUM
    }

    /** @param path where the file lies; for a wrong one where it lay before it was put into quarantine */
    public record CheckedFile(String role, Path path, State state) {}

    /** Whether the model is here and every byte is as the catalogue says. */
    public boolean isOk() {
        return !files.isEmpty() && files.stream().allMatch(file -> file.state() == State.OK);
    }
}
