package io.flowstate.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/** Files that lie beside the repository, in {@code ../shared}: songs with their true stems, golden values. A machine without them skips the tests that need them. */
public final class Shared {
    private Shared() {}

    /**
     * A file or folder below {@code ../shared}; the test that asks is skipped when it is not there. {@code ./check} fails on such a skip where the folder itself exists.
     *
     * @param path e.g. {@code audio/song/mix.flac}
     */
    public static Path path(String path) {
        Path root = Path.of(System.getProperty("flowstate.root", "."));
        Path found =
                root.resolveSibling("shared").resolve(path).toAbsolutePath().normalize();
        if (!Files.exists(found)) {
            throw new TestAbortedException("SKIPPED: needs ../shared/" + path);
        }
        return found;
    }
}
