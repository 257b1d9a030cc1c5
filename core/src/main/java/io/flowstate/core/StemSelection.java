package io.flowstate.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which outputs a separation gives. */
public sealed interface StemSelection {
    /** Every stem that the model has. */
    record All() implements StemSelection {}

    /** Just these. */
    record Some(Set<Stem> stems) implements StemSelection {
        public Some {
            stems = inOrder(stems);
            Check.that(!stems.isEmpty(), "stems", "must name at least one stem");
        }
    }

    /** One stem, and the sum of all the others as {@code no_<stem>}. */
    record Against(Stem stem) implements StemSelection {}

    /**
     * One file of the result.
     *
     * @param sumOf the stems whose sum it is; their order is kept, because the last bits of a sum depend on it and a run must be repeatable
     */
    record Part(String name, Set<Stem> sumOf) {
        public Part {
            sumOf = inOrder(sumOf);
        }
    }

    /** The stems that a model must have for this; none when any model will do. */
    default Set<Stem> named() {
        return switch (this) {
            case All() -> Set.of();
            case Some(Set<Stem> stems) -> stems;
            case Against(Stem stem) -> Set.of(stem);
        };
    }

    /**
     * The outputs, in the model's order.
     *
     * @param available the stems of the model, in its order
     * @throws FlowError {@link Code#UNKNOWN_STEM} if the selection names one that the model has not
     */
    default List<Part> parts(Collection<Stem> available) {
        return switch (this) {
            case All() -> each(available);
            case Some(Set<Stem> stems) -> {
                stems.forEach(stem -> requireAvailable("stems", stem, available));
                yield each(available.stream().filter(stems::contains).toList());
            }
            case Against(Stem stem) -> {
                requireAvailable("two_stems", stem, available);
                Set<Stem> rest = new LinkedHashSet<>(available);
                rest.remove(stem);
                yield List.of(new Part(stem.id(), Set.of(stem)), new Part("no_" + stem.id(), rest));
            }
        };
    }

    private static Set<Stem> inOrder(Set<Stem> stems) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(stems));
    }

    private static List<Part> each(Collection<Stem> stems) {
        List<Part> parts = new ArrayList<>();
        stems.forEach(stem -> parts.add(new Part(stem.id(), Set.of(stem))));
        return parts;
    }

    private static void requireAvailable(String field, Stem stem, Collection<Stem> available) {
        if (!available.contains(stem)) {
            throw Stem.unknown(field, stem.id(), available);
        }
    }
}
