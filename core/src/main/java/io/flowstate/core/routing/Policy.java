package io.flowstate.core.routing;

import io.flowstate.core.Check;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What the caller allows and wants.
 *
 * @param maxCostUsd per request; empty for no bound
 * @param deadline from the moment the request is admitted; empty for none
 * @param providers allowed ones; empty for all
 * @param localOnly whether data must stay on this machine
 * @param commercialUse whether the results are used commercially, which some weights do not allow
 */
public record Policy(
        Priority priority,
        Optional<BigDecimal> maxCostUsd,
        Optional<Duration> deadline,
        Set<String> providers,
        boolean localOnly,
        boolean commercialUse) {
    public static final Policy DEFAULT =
            new Policy(Priority.REALTIME, Optional.empty(), Optional.empty(), Set.of(), false, false);

    public Policy {
        providers = Set.copyOf(providers);
        maxCostUsd.ifPresent(usd -> Check.that(usd.signum() >= 0, "max_cost_usd", "must not be negative"));
        deadline.ifPresent(
                limit -> Check.that(limit.isPositive(), "deadline_ms", "must be positive, was %d", limit.toMillis()));
    }

    /** What decides between deployments that are both allowed. */
    public enum Priority {
        /** Somebody waits: latency first. */
        REALTIME,
        /** Nobody waits: cost first. */
        BACKGROUND;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Priority of(String id) {
            return Check.choice("priority", id, values(), Priority::id);
        }
    }
}
