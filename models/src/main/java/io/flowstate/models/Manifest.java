package io.flowstate.models;

import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.ModelFile;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What is known of an installed model: written last, so that a model with a manifest is whole. Kept as a properties file, which a person can read.
 *
 * @param files by role
 */
record Manifest(String model, String source, Instant pulledAt, Map<String, Entry> files) {
    Manifest {
        files = Map.copyOf(files);
    }

    /** @param path relative to the store's root, with slashes */
    record Entry(String path, String sha256, long sizeBytes) {
        boolean isOf(ModelFile file) {
            return sha256.equals(file.sha256()) && sizeBytes == file.sizeBytes();
        }
    }

    /** Whether it tells of exactly the files that the catalogue names now. */
    boolean matches(Model expected) {
        return files.keySet().equals(expected.files().keySet())
                && expected.files().entrySet().stream()
                        .allMatch(file -> Optional.ofNullable(files.get(file.getKey()))
                                .filter(entry -> entry.isOf(file.getValue()))
                                .isPresent());
    }

    String text() {
        Properties lines = new Properties();
        lines.setProperty("model", model);
        lines.setProperty("source", source);
        lines.setProperty("pulled_at", pulledAt.toString());
        files.forEach((role, entry) -> {
            lines.setProperty("file." + role + ".path", entry.path());
            lines.setProperty("file." + role + ".sha256", entry.sha256());
            lines.setProperty("file." + role + ".size", Long.toString(entry.sizeBytes()));
        });
        StringWriter text = new StringWriter();
        try {
            lines.store(text, null);
        } catch (IOException impossible) {
            throw new AssertionError("a string cannot fail", impossible);
        }
        return text.toString();
    }

    /** Empty when there is none, or none that can be understood: the model then counts as not installed. */
    static Optional<Manifest> read(Path file) {
        Properties lines = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            lines.load(reader);
            return Optional.of(parse(lines));
        } catch (IOException | IllegalArgumentException | DateTimeException none) {
            return Optional.empty();
        }
    }

    private static Manifest parse(Properties lines) {
        Map<String, Entry> files = new TreeMap<>();
        for (String key : lines.stringPropertyNames()) {
            if (key.startsWith("file.") && key.endsWith(".path")) {
                String stem = key.substring(0, key.length() - ".path".length());
                String path = required(lines, key);
                if (!Wanted.isInside(path)) {
                    throw new IllegalArgumentException(path);
                }
                files.put(
                        stem.substring("file.".length()),
                        new Entry(
                                path,
                                required(lines, stem + ".sha256"),
                                Long.parseLong(required(lines, stem + ".size"))));
            }
        }
        return new Manifest(
                required(lines, "model"),
                required(lines, "source"),
                Instant.parse(required(lines, "pulled_at")),
                files);
    }

    private static String required(Properties lines, String key) {
        String value = lines.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException(key);
        }
        return value;
    }
}
