package io.flowstate.egress;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that was fetched.
 *
 * @param name what the host, or else its address, calls the file: one path segment without control characters, never empty
 * @param mediaType as the host says, in lower case and without parameters
 */
public record Downloaded(Path file, long bytes, String name, Optional<String> mediaType) {
    /** Hears how far a download is. Called on the thread that downloads; must be quick and must not throw. */
    @FunctionalInterface
    public interface Listener {
        /** @param total empty if the host does not tell */
        void on(long bytes, OptionalLong total);
    }
}
