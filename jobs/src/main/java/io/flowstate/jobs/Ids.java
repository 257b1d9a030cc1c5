package io.flowstate.jobs;

import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * Names that sort by the time they were made: 48 bits of milliseconds and 80 random ones, as 26 characters of Crockford's base 32 (the layout of a ULID), in lower case.
 * Thread-safe if the generator is.
 */
final class Ids {
    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int TIME_CHARS = 10;
    private static final int RANDOM_CHARS = 16;

    private final InstantSource clock;
    private final RandomGenerator random;

    Ids(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** Whether a text could have been made here. */
    static boolean isOne(String kind, String text) {
        return text.matches(kind + "_[0-9a-hjkmnp-tv-z]{26}");
    }

    /** @param kind goes before it, as in {@code job_01jd…} */
    String next(String kind) {
        return next(kind, clock.instant());
    }

    /** @param at the time that it tells */
    String next(String kind, Instant at) {
        StringBuilder id = beginning(kind, at);
        for (int i = 0; i < RANDOM_CHARS; i++) {
            id.append(DIGITS.charAt(random.nextInt(32)));
        }
        return id.toString();
    }

    /** Sorts before all that were made then or later, and after all that were made before. */
    static String first(String kind, Instant at) {
        return beginning(kind, at).append("0".repeat(RANDOM_CHARS)).toString();
    }

    private static StringBuilder beginning(String kind, Instant at) {
        StringBuilder id = new StringBuilder(kind).append('_');
        long millis = at.toEpochMilli();
        for (int shift = 5 * (TIME_CHARS - 1); shift >= 0; shift -= 5) {
            id.append(DIGITS.charAt((int) (millis >>> shift) & 31));
        }
        return id;
    }
}
