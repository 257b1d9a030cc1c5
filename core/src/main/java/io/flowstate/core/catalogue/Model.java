package io.flowstate.core.catalogue;

import io.flowstate.core.Stem;
import io.flowstate.core.Task;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Trained weights, as data.
 *
 * @param family the engine's code that runs it, e.g. {@code demucs}
 * @param stems what a separation model gives, in the order of its output; empty for other tasks
 * @param files by role, e.g. {@code graph}
 * @param sources where the files come from, in order of preference
 * @param memoryBytes what it takes while it runs
 */
public record Model(
        String id,
        String title,
        Task task,
        String family,
        List<Stem> stems,
        Licence licence,
        Map<String, ModelFile> files,
        List<Source> sources,
        long memoryBytes,
        String quality) {
    public Model {
        stems = List.copyOf(stems);
        files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
        sources = List.copyOf(sources);
    }

    public long sizeBytes() {
        return files.values().stream().mapToLong(ModelFile::sizeBytes).sum();
    }

    /**
     * @param notice shown once, when the weights are fetched
     * @param terms where they can be read: an address, or a file of the delivery
     */
    public record Licence(String weights, String code, boolean commercialUse, String notice, String terms) {}

    /**
     * @param name file name in the store, without folders
     * @param sha256 lower-case hex
     */
    public record ModelFile(String name, String sha256, long sizeBytes) {}

    /**
     * @param kind who delivers
     * @param locator {@code name@version} (npm), {@code group:artifact:version[:classifier]} (maven), {@code name==version} (pypi), {@code org/repo@revision} (hub), an address (https) or a folder (file)
     * @param paths where each role's file lies inside the delivery
     * @param downloadBytes what goes over the wire, when it differs from the files and is known: a package is compressed
     */
    public record Source(Kind kind, String locator, Map<String, String> paths, OptionalLong downloadBytes) {
        public Source {
            paths = Map.copyOf(paths);
        }

        /** A source of which only the size of its files is known. */
        public Source(Kind kind, String locator, Map<String, String> paths) {
            this(kind, locator, paths, OptionalLong.empty());
        }

        /** Kinds of source. */
        public enum Kind {
            NPM,
            MAVEN,
            PYPI,
            HUB,
            HTTPS,
            FILE;

            /** Its key in a catalogue entry. */
            public String id() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }
}
