package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.routing.Policy.Priority;
import io.flowstate.core.yaml.Quantities;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which model may run, where, and at what price in money and time. */
final class RoutingOptions {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            completionCandidates = Candidates.Models.class,
            description =
                    "A model or deployment, e.g. htdemucs or local/htdemucs; see: flowstate models list. Default: the best that may run.")
    Optional<String> model = Optional.empty();

    @Option(
            names = "--max-cost",
            paramLabel = "USD",
            description = "Use no deployment that would cost more for one input, e.g. --max-cost 0.05.")
    Optional<BigDecimal> maxCost = Optional.empty();

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description = "Give each input at most this long, e.g. --deadline 90s.")
    Optional<String> deadline = Optional.empty();

    @Option(
            names = "--local-only",
            description = "The audio must not leave the machine: this one, or the server that the work is sent to.")
    boolean localOnly;

    @Option(
            names = "--commercial-use",
            description = "Use only models whose licence allows commercial use of the results.")
    boolean commercialUse;

    Policy policy() {
        return new Policy(
                Priority.REALTIME, maxCost, deadline.map(RoutingOptions::duration), Set.of(), localOnly, commercialUse);
    }

    /** The same as a server takes it. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        model.ifPresent(name -> parameters.put("model", name));
        maxCost.ifPresent(usd -> parameters.put("max_cost_usd", usd.toPlainString()));
        deadline.map(RoutingOptions::duration)
                .ifPresent(limit -> parameters.put("deadline_ms", Long.toString(limit.toMillis())));
        parameters.put("data", localOnly ? "local-only" : "any");
        parameters.put("commercial_use", Boolean.toString(commercialUse));
        return parameters;
    }

    private static Duration duration(String text) {
        try {
            return Quantities.duration(text);
        } catch (IllegalArgumentException wrong) {
            throw FlowError.of(Code.BAD_REQUEST, "deadline must be a duration like 90s or 5m, was \"%s\".", text)
                    .field("deadline")
                    .causedBy(wrong);
        }
    }
}
