package io.flowstate.core;

import java.util.regex.Pattern;

/** Tells a full disk from other failures. Java has no type for it: there are only the words of the system, or of a program that met it. */
public final class DiskFull {
    private static final Pattern WORDS =
            Pattern.compile("no space left|enospc|quota exceeded|not enough space|disk full", Pattern.CASE_INSENSITIVE);

    private DiskFull() {}

    /** Whether a failure, or what it was caused by, says that the disk or the user's share of it is full. */
    public static boolean isReasonOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (isToldBy(String.valueOf(cause.getMessage()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a message says so. */
    public static boolean isToldBy(String message) {
        return WORDS.matcher(message).find();
    }
}
