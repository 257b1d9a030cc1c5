package io.flowstate.core;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 sums, in hexadecimal. */
public final class Sha256 {
    private static final int BUFFER_BYTES = 64 << 10;

    private Sha256() {}

    /** A sum to be filled. */
    public static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** What has been filled in, which is then begun anew. */
    public static String end(MessageDigest sum) {
        return HexFormat.of().formatHex(sum.digest());
    }

    public static String of(Path file) throws IOException {
        MessageDigest sum = begin();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                sum.update(buffer, 0, got);
            }
        }
        return end(sum);
    }
}
