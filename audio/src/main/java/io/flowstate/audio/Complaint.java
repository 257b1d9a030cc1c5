package io.flowstate.audio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What a program wrote on its error output: the first kilobytes are kept, all is read. One thread reads, any may ask. */
final class Complaint {
    private static final int KEPT_BYTES = 8 * 1024;
    private static final int LONGEST_SENTENCE = 200;

    /** {@code [mov,mp4 @ 0x55d2c0]}, {@code fd:}, and words that only say that something went wrong. */
    private static final Pattern NOISE = Pattern.compile("\\[[^\\]]*\\]\\s*|\\bfd:+\\s*|^Error opening input:\\s*");

    private static final Pattern PATH = Pattern.compile("(?:/[^/\\s:]+){2,}");

    private final byte[] kept = new byte[KEPT_BYTES];
    private int length;

    void readAll(InputStream from) throws IOException {
        byte[] chunk = new byte[4096];
        for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
            keep(chunk, n);
        }
    }

    private synchronized void keep(byte[] chunk, int n) {
        int room = Math.min(n, KEPT_BYTES - length);
        System.arraycopy(chunk, 0, kept, length, room);
        length += room;
    }

    /** The first line that says something, without addresses, paths and control characters; never empty. */
    synchronized String sentence() {
        return new String(kept, 0, length, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.contains("no version information available"))
                .map(line -> NOISE.matcher(line).replaceAll(""))
                .map(line -> PATH.matcher(line).replaceAll("…"))
                .map(line -> line.replaceAll("\\p{Cntrl}", " ").strip())
                .filter(line -> !line.isEmpty())
                .findFirst()
                .map(line -> line.substring(0, Math.min(line.length(), LONGEST_SENTENCE)))
                .orElse("no reason was given");
    }
}
