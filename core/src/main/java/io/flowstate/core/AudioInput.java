package io.flowstate.core;

import java.nio.file.Path;

/**
 * Audio as the caller handed it in: an encoded file that can be read more than once while the request lives.
 *
 * @param name what the caller calls it, for messages and output names; not a path to trust
 * @param file where the bytes lie; owned by whoever made this
 */
public record AudioInput(String name, Path file) {
    private static final int MOST_CHARS = 80;

    /** The name of the piece, to call outputs after: without folders, extension, and what a file system or a shell minds. */
    public String track() {
        String base = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        int dot = base.lastIndexOf('.');
        String stem = dot > 0 ? base.substring(0, dot) : base;
        String safe = stem.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Co}\\p{Cs}\\p{Cn}\"*:<>?|$`;&%]", "_")
                .replaceAll("^[\\s.-]+|[\\s.]+$", "");
        int end = safe.offsetByCodePoints(0, Math.min(MOST_CHARS, safe.codePointCount(0, safe.length())));
        return safe.isEmpty() ? "audio" : safe.substring(0, end);
    }
}
