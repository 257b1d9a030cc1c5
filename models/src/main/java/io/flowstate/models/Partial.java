package io.flowstate.models;

import io.flowstate.core.catalogue.Model.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.hc.core5.http.HttpHeaders;

/**
 * What has come of a download, for this pull or the next.
 *
 * @param versionFile holds the server's name for the version that the file is of: a strong ETag or a date, which alone can be a condition for a part
 */
record Partial(Path file, Path versionFile) {
    /** Named after the content, so that any source may go on with it. */
    static Partial of(ModelFile expected, Path folder) {
        return new Partial(folder.resolve(expected.sha256()), folder.resolve(expected.sha256() + ".version"));
    }

    Optional<String> version() throws IOException {
        try {
            return Optional.of(Files.readString(versionFile, StandardCharsets.UTF_8));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    void remember(Http.Reply reply) {
        Optional<String> etag = reply.header(HttpHeaders.ETAG).filter(tag -> tag.startsWith("\""));
        Optional<String> version = etag.or(() -> reply.header(HttpHeaders.LAST_MODIFIED));
        try {
            if (version.isPresent()) {
                Files.writeString(versionFile, version.get(), StandardCharsets.UTF_8);
            } else {
                Files.deleteIfExists(versionFile);
            }
        } catch (IOException failed) {
            throw Disk.failure(failed, versionFile);
        }
    }

    /** What turned out wrong must not be the beginning of the next try. */
    void forget() {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(versionFile);
        } catch (IOException failed) {
            throw Disk.failure(failed, file);
        }
    }
}
