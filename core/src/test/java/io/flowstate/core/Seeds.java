package io.flowstate.core;

import java.util.SplittableRandom;

/** Runs a property on many random worlds; a failure names the seed, and {@link #just} repeats it alone. */
public final class Seeds {
    /** A property; it fails by throwing. */
    @FunctionalInterface
    public interface Property {
        void holdsFor(SplittableRandom random) throws Exception;
    }

    private Seeds() {}

    public static void upTo(int count, Property property) {
        for (long seed = 0; seed < count; seed++) {
            just(seed, property);
        }
    }

    public static void just(long seed, Property property) {
        try {
            property.holdsFor(new SplittableRandom(seed));
        } catch (Exception | AssertionError broken) {
            throw new AssertionError("with seed " + seed + ": " + broken.getMessage(), broken);
        }
    }
}
