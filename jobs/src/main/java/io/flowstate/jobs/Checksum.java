package io.flowstate.jobs;

import io.flowstate.core.Check;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What the bytes of one request must add up to.
 *
 * @param hex in lower case
 */
public record Checksum(Algorithm algorithm, String hex) {
    /** The kinds that are understood. */
    public enum Algorithm {
        SHA1("sha1", "SHA-1", 20),
        SHA256("sha256", "SHA-256", 32);

        private final String id;
        private final String javaName;
        private final int bytes;

        Algorithm(String id, String javaName, int bytes) {
            this.id = id;
            this.javaName = javaName;
            this.bytes = bytes;
        }

        public String id() {
            return id;
        }

        /** Of a sum. */
        public int bytes() {
            return bytes;
        }

        public static Algorithm of(String id) {
            return Check.choice("Upload-Checksum", id, values(), Algorithm::id);
        }

        MessageDigest digest() {
            try {
                return MessageDigest.getInstance(javaName);
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("every Java has " + javaName, impossible);
            }
        }
    }
}
