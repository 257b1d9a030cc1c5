package io.flowstate.core.routing;

import io.flowstate.core.catalogue.Deployment;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The answer to "where would this run, and why there": deployments in the order in which they are tried, and those ruled out. */
public record Plan(List<Step> steps, List<Rejection> rejected) {
    public Plan {
        steps = List.copyOf(steps);
        rejected = List.copyOf(rejected);
    }

    /** @param why the reason for its place, for a person */
    public record Step(Deployment deployment, Prediction predicted, String why) {}

    /**
     * @param reason stable word, e.g. {@code provider_not_allowed}
     * @param detail for a person
     */
    public record Rejection(Deployment deployment, String reason, String detail) {
        /** The reason of one that could run the request if it were available. */
        static final String UNAVAILABLE = "unavailable";

        public boolean isForWantOfAvailability() {
            return reason.equals(UNAVAILABLE);
        }
    }

    /**
     * @param p50 median time to the complete answer; empty when it depends on a length that is not known
     * @param costUsd empty when it is not known ({@code unpriced})
     */
    public record Prediction(Optional<Duration> p50, Optional<Duration> p95, Optional<BigDecimal> costUsd) {}
}
