package io.flowstate.storage.blob;

import java.util.regex.Pattern;

/** What is a key. No key can lead out of a folder, meet a store's own names (they begin with a dot), or differ from another only by what some file system ignores. */
final class Keys {
    private static final int LONGEST = 500;
    /** File systems allow 255. */
    private static final int LONGEST_WORD = 200;

    private static final Pattern WORD = Pattern.compile("[a-z0-9_-][a-z0-9_.-]{0,%d}".formatted(LONGEST_WORD - 1));

    private Keys() {}

    static boolean isKey(String text) {
        if (text.length() > LONGEST) {
            return false;
        }
        for (String word : text.split("/", -1)) {
            if (!isWord(word)) {
                return false;
            }
        }
        return true;
    }

    static boolean isWord(String text) {
        return WORD.matcher(text).matches();
    }

    /** @throws IllegalArgumentException if it is not a key */
    static String require(String key) {
        if (!isKey(key)) {
            throw new IllegalArgumentException(
                    "\"%s\" is not a blob's key: words of [a-z0-9_.-] with slashes between them, none beginning with a dot"
                            .formatted(key));
        }
        return key;
    }

    /** @throws IllegalArgumentException if one of them is negative */
    static void requireRange(long from, long length) {
        if (from < 0 || length < 0) {
            throw new IllegalArgumentException(
                    "a range has no negative numbers: from %d, length %d".formatted(from, length));
        }
    }
}
