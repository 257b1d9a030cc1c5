package io.flowstate.server;

import io.flowstate.core.routing.Policy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The options that every task shares: what the caller allows and wants of the place that runs it. */
final class RoutingOptions {
    static final List<String> NAMES =
            List.of("model", "priority", "max_cost_usd", "deadline_ms", "providers", "data", "commercial_use");

    private RoutingOptions() {}

    static Policy policy(Options options) {
        return new Policy(
                options.text("priority").map(Policy.Priority::of).orElse(Policy.DEFAULT.priority()),
                options.decimal("max_cost_usd"),
                options.integer("deadline_ms").map(Duration::ofMillis),
                options.words("providers").map(Set::copyOf).orElse(Set.of()),
                localOnly(options),
                options.flag("commercial_use"));
    }

    /** The same, but for what depends on the length of the audio: time and money. */
    static Policy places(Options options) {
        Policy all = policy(options);
        return new Policy(
                all.priority(),
                Optional.empty(),
                Optional.empty(),
                all.providers(),
                all.localOnly(),
                all.commercialUse());
    }

    private static boolean localOnly(Options options) {
        return options.text("data")
                .map(value -> switch (value) {
                    case "local-only" -> true;
                    case "any" -> false;
                    default -> throw Options.bad("data", "must be local-only or any, was \"%s\"".formatted(value));
                })
                .orElse(false);
    }
}
