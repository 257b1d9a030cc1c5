package io.flowstate.core;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** One part of a mix. Which of them a model can give is said in its catalogue entry. */
public enum Stem {
    DRUMS,
    BASS,
    OTHER,
    VOCALS,
    GUITAR,
    PIANO;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws FlowError {@link Code#UNKNOWN_STEM} */
    public static Stem of(String id) {
        return of("stems", id, Arrays.asList(values()));
    }

    /**
     * One of those that a model has.
     *
     * @param field where it was named
     * @throws FlowError {@link Code#UNKNOWN_STEM}, listing them
     */
    public static Stem of(String field, String id, Collection<Stem> valid) {
        return valid.stream()
                .filter(stem -> stem.id().equals(id.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> unknown(field, id, valid));
    }

    /** The error for a stem that is not among {@code valid}; it lists those that are. */
    public static FlowError unknown(String field, String id, Collection<Stem> valid) {
        return FlowError.of(Code.UNKNOWN_STEM, "There is no stem \"%s\".", id)
                .field(field)
                .advice("Valid names: %s.", valid.stream().map(Stem::id).collect(Collectors.joining(", ")));
    }
}
