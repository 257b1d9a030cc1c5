package io.flowstate.core;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The only exception that leaves a module on purpose: a stable {@link Code}, a sentence for a person, and what to do next.
 * The fluent methods return a new error, so that one may be shared and refined. Texts are the same in every locale. Fields of requests stand in backticks,
 * {@code `deadline_ms`}, so that a face that calls them otherwise can say so.
 */
public final class FlowError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final @Nullable String advice;
    private final @Nullable String field;
    private final @Nullable Duration retryAfter;

    private FlowError(
            Code code,
            String message,
            @Nullable String advice,
            @Nullable String field,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.advice = advice;
        this.field = field;
        this.retryAfter = retryAfter;
    }

    /** @param format as of {@link String#format} */
    @FormatMethod
    public static FlowError of(Code code, @FormatString String format, Object... args) {
        return new FlowError(code, text(format, args), null, null, null, null);
    }

    @FormatMethod
    public FlowError advice(@FormatString String format, Object... args) {
        return copy(text(format, args), field, retryAfter, getCause());
    }

    /** Names the request field, option or configuration key that is at fault. */
    public FlowError field(String name) {
        return copy(advice, name, retryAfter, getCause());
    }

    /** When a new try makes sense. */
    public FlowError retryAfter(Duration delay) {
        return copy(advice, field, delay, getCause());
    }

    public FlowError causedBy(Throwable cause) {
        return copy(advice, field, retryAfter, cause);
    }

    public Code code() {
        return code;
    }

    /** The sentence for a person; never empty. */
    public String message() {
        return String.valueOf(getMessage());
    }

    public Optional<String> advice() {
        return Optional.ofNullable(advice);
    }

    public Optional<String> field() {
        return Optional.ofNullable(field);
    }

    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /**
     * The same error with the stack of this call. One that is kept and thrown by several threads must be thrown so: the try-with-resources of each of them may add
     * suppressed errors to what it throws, and fails if that is the very error it already has.
     */
    FlowError thrownHere() {
        return new FlowError(code, message(), advice, field, retryAfter, getCause());
    }

    @FormatMethod
    private static String text(@FormatString String format, Object... args) {
        return String.format(Locale.ROOT, format, args);
    }

    private FlowError copy(
            @Nullable String newAdvice,
            @Nullable String newField,
            @Nullable Duration newRetryAfter,
            @Nullable Throwable newCause) {
        FlowError copy = new FlowError(code, message(), newAdvice, newField, newRetryAfter, newCause);
        copy.setStackTrace(getStackTrace());
        return copy;
    }
}
