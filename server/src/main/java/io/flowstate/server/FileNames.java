package io.flowstate.server;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Names that answers give to files: whatever a client called its file, they are safe to save under. */
final class FileNames {
    private FileNames() {}

    /** A {@code Content-Disposition} that old and new clients understand (RFC 6266). */
    static String attachment(String fileName) {
        String ascii = fileName.replaceAll("[^ -~]", "_");
        String encoded = URLEncoder.encode(fileName, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
        return "attachment; filename=\"%s\"; filename*=UTF-8''%s".formatted(ascii, encoded);
    }
}
