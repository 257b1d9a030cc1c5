package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.catalogue.Model.Source;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A file that a source has to deliver.
 *
 * @param path where it lies inside the delivery; relative, with slashes, without {@code ..}
 */
record Wanted(String role, ModelFile file, String path) {
    Wanted {
        if (!isInside(path)) {
            throw mistake("The path \"%s\" leaves the delivery of \"%s\".".formatted(path, role));
        }
        if (!isInside(file.name()) || file.name().contains("/")) {
            throw mistake("\"%s\" is not a plain file name.".formatted(file.name()));
        }
    }

    /** All files of a model, as this source names them, in the order of their roles. */
    static List<Wanted> of(Model model, Source source) {
        Map<String, Wanted> byName = new LinkedHashMap<>();
        Set<String> paths = new HashSet<>();
        new TreeMap<>(model.files()).forEach((role, file) -> {
            Wanted wanted = new Wanted(role, file, source.paths().getOrDefault(role, file.name()));
            if (byName.put(file.name(), wanted) != null || !paths.add(wanted.path())) {
                throw mistake("Two files of %s are called %s or lie at %s."
                        .formatted(model.id(), file.name(), wanted.path()));
            }
        });
        return List.copyOf(byName.values());
    }

    /** Whether a relative path with slashes stays in its folder on every system. */
    static boolean isInside(String path) {
        if (path.isEmpty() || path.contains("\\") || path.contains(":") || path.indexOf('\0') >= 0) {
            return false;
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return true;
    }

    Path in(Path folder) {
        return folder.resolve(file.name());
    }

    private static FlowError mistake(String what) {
        return FlowError.of(Code.BAD_CONFIG, "%s", what).advice("Correct the model's entry in the catalogue.");
    }
}
