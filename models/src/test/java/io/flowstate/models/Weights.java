package io.flowstate.models;

import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.Licence;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.catalogue.Model.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Files that stand for a model's, from a seed, and the catalogue entry that describes them.
 *
 * @param files content by path in the delivery; the last part of the path is also the role and the name
 */
record Weights(Map<String, byte[]> files) {
    static Weights of(String path, int bytes) {
        return new Weights(Map.of(path, random(path.hashCode(), bytes)));
    }

    Weights and(String path, int bytes) {
        Map<String, byte[]> more = new HashMap<>(files);
        more.put(path, random(path.hashCode(), bytes));
        return new Weights(more);
    }

    /** Noise, so that no compression makes an archive small. */
    static byte[] random(long seed, int bytes) {
        byte[] content = new byte[bytes];
        new SplittableRandom(seed).nextBytes(content);
        return content;
    }

    byte[] content(String path) {
        byte[] content = files.get(path);
        if (content == null) {
            throw new IllegalArgumentException(path);
        }
        return content;
    }

    Source source(Source.Kind kind, String locator) {
        Map<String, String> paths = new HashMap<>();
        files.keySet().forEach(path -> paths.put(name(path), path));
        return new Source(kind, locator, paths);
    }

    Model model(String id, Source... sources) {
        Map<String, ModelFile> entries = new HashMap<>();
        files.forEach(
                (path, content) -> entries.put(name(path), new ModelFile(name(path), sha256(content), content.length)));
        return model(id, entries, List.of(sources));
    }

    static Model model(String id, Map<String, ModelFile> files, List<Source> sources) {
        return new Model(
                id,
                id,
                Task.of("stems"),
                "demucs",
                List.of(),
                new Licence("MIT", "MIT", true, "", ""),
                files,
                sources,
                1 << 20,
                "");
    }

    void writeTo(Path folder) {
        files.forEach((path, content) -> {
            try {
                Files.createDirectories(folder.resolve(path).getParent());
                Files.write(folder.resolve(path), content);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }

    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String sha256(byte[] content) {
        MessageDigest digest = VerifiedFile.sha256();
        digest.update(content);
        return VerifiedFile.hex(digest);
    }
}
