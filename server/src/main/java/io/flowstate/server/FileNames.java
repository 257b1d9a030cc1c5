package io.flowstate.server;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Names that answers give to files: whatever a client called its file, they are safe to save under. */
final class FileNames {
    private static final int MOST_CHARS = 80;

    private FileNames() {}

    /** The name of a piece of music from that of its file: no folders, no extension, nothing that a file system or a shell minds. */
    static String track(String name) {
        String base = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        int dot = base.lastIndexOf('.');
        String stem = dot > 0 ? base.substring(0, dot) : base;
        String safe = stem.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Co}\\p{Cs}\\p{Cn}\"*:<>?|$`;&%]", "_")
                .replaceAll("^[\\s.-]+|[\\s.]+$", "");
        int end = safe.offsetByCodePoints(0, Math.min(MOST_CHARS, safe.codePointCount(0, safe.length())));
        return safe.isEmpty() ? "audio" : safe.substring(0, end);
    }

    /** A {@code Content-Disposition} that old and new clients understand (RFC 6266). */
    static String attachment(String fileName) {
        String ascii = fileName.replaceAll("[^ -~]", "_");
        String encoded = URLEncoder.encode(fileName, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
        return "attachment; filename=\"%s\"; filename*=UTF-8''%s".formatted(ascii, encoded);
    }
}
