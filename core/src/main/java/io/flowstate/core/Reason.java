package io.flowstate.core;

/** Words for a person about an exception that others threw: those of the file system are often a mere path, which says nothing without the exception's kind. */
public final class Reason {
    private Reason() {}

    /** The exception's kind and message, without a full stop. */
    public static String of(Throwable cause) {
        String message = cause.getMessage();
        String kind = cause.getClass().getSimpleName();
        return message == null ? kind : kind + ", " + message.strip();
    }
}
