package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import io.flowstate.engine.rewrite.Verdict;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** How the graphs of a model that is here stand on this machine, in words. None of it is an error: what is missing or damaged is made at the next use, and where that cannot be the graph is used as published. */
record FittedGraphs(RewrittenGraphs graphs, Installed installed) {
    /** @param state in a word */
    record Standing(String state, String what) {}

    List<String> roles() {
        return RewrittenGraphs.roles(installed);
    }

    /** By what was written down when a graph was fitted; cheap. */
    String told(String role) {
        try {
            return words(
                    role,
                    graphs.told(installed, role)
                            .map(FittedGraphs::words)
                            .orElse("not yet fitted to this machine; that is done at its first use"));
        } catch (FlowError unreadable) {
            return words(role, published(unreadable));
        }
    }

    /** By what is there, which is hashed. */
    Standing verified(String role, Cancellation cancellation) {
        try {
            boolean wasFitted = graphs.told(installed, role).isPresent();
            Optional<Verdict> intact = intact(role, cancellation);
            if (intact.isPresent()) {
                return new Standing("ok", words(role, words(intact.get())));
            }
            return wasFitted
                    ? new Standing(
                            "damaged", words(role, "in its form for this machine; it is made anew at the next use"))
                    : new Standing("none", told(role));
        } catch (FlowError failed) {
            cancellation.throwIfCanceled();
            return new Standing("none", words(role, published(failed)));
        }
    }

    /**
     * What came of fitting a graph, if that is still there, byte for byte; empty when it has to be done (again).
     *
     * @throws FlowError if it cannot be told, or the cancellation's reason
     */
    Optional<Verdict> intact(String role, Cancellation cancellation) {
        // Asked first, for it waits for nobody.
        return graphs.told(installed, role).isEmpty() ? Optional.empty() : graphs.verify(installed, role, cancellation);
    }

    /** What came of fitting a graph, for people who make music. */
    static String words(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Kept kept -> "used as published: " + kept.why();
            case Verdict.Rewritten made -> {
                int parts = made.rules().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum();
                double quieter = Collections.min(made.decibels());
                yield "rewritten for this machine: %d faster part%s, the same output%s"
                        .formatted(
                                parts,
                                parts == 1 ? "" : "s",
                                Double.isInfinite(quieter)
                                        ? ""
                                        : " (any difference is about %d dB quieter)".formatted(Math.round(quieter)));
            }
        };
    }

    private static String words(String role, String what) {
        return role + " " + what;
    }

    private static String published(FlowError why) {
        return "used as published: " + why.message();
    }
}
