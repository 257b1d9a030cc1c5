package io.flowstate.models;

import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
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

    /** Hashes one file that was pulled. */
    static CheckedFile check(String role, Path path, Manifest.Entry expected, Meter meter, Cancellation cancellation) {
        return new CheckedFile(role, path, state(path, expected, meter, cancellation));
    }

    private static State state(Path path, Manifest.Entry expected, Meter meter, Cancellation cancellation) {
        MessageDigest digest = VerifiedFile.sha256();
        try (InputStream in = Files.newInputStream(path)) {
            if (Files.size(path) != expected.sizeBytes()) {
                return State.WRONG_SIZE;
            }
            byte[] buffer = new byte[VerifiedFile.BUFFER_BYTES];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                cancellation.throwIfCanceled();
                digest.update(buffer, 0, length);
                meter.add(length);
            }
        } catch (NoSuchFileException gone) {
            return State.MISSING;
        } catch (IOException unreadable) {
            throw Disk.failure(unreadable, path);
        }
        return VerifiedFile.hex(digest).equals(expected.sha256()) ? State.OK : State.WRONG_CHECKSUM;
    }
}
