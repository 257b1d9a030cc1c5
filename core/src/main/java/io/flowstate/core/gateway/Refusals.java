package io.flowstate.core.gateway;

import io.flowstate.core.Code;
import io.flowstate.core.DurationText;
import io.flowstate.core.FlowError;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Plan.Rejection;
import io.flowstate.core.spi.Status;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the gateway itself says no with, and what can be done about it. */
final class Refusals {
    private Refusals() {}

    /** What would run if somebody mended it is the operator's turn; anything else is the caller's. */
    static FlowError nothingPlanned(Plan plan) {
        String reasons = plan.rejected().stream()
                .map(no -> "%s (%s)".formatted(no.deployment().id(), no.detail()))
                .collect(Collectors.joining("; "));
        if (plan.rejected().stream().anyMatch(Rejection::isForWantOfAvailability)) {
            return FlowError.of(Code.UNAVAILABLE, "Nothing that could run this request is available: %s.", reasons)
                    .advice("flowstate doctor, run where FlowState is installed, says what to do.");
        }
        if (reasons.isEmpty()) {
            return FlowError.of(
                            Code.NO_DEPLOYMENT,
                            "Nothing can run this request: the catalogue has no deployment for the task.")
                    .advice("Add one to the catalogue.");
        }
        return FlowError.of(Code.NO_DEPLOYMENT, "Nothing can run this request: %s.", reasons)
                .advice(
                        "%s",
                        plan.rejected().stream()
                                .map(Rejection::reason)
                                .distinct()
                                .map(Refusals::remedy)
                                .flatMap(Optional::stream)
                                .distinct()
                                .collect(Collectors.joining(" ")));
    }

    /** What the caller can change so that a deployment is not ruled out for such a reason; empty where it is right that it is. */
    private static Optional<String> remedy(String reason) {
        return switch (reason) {
            case "missing_stem" -> Optional.of("Choose a `model` that has the stem.");
            case "provider_not_allowed" -> Optional.of("Allow more `providers`.");
            case "data_must_stay" -> Optional.of("Leave out `data` to let the audio go elsewhere.");
            case "licence" -> Optional.of("Leave out `commercial_use`, or choose a `model` whose licence allows it.");
            case "audio_too_long" -> Optional.of("Cut the audio into parts.");
            case "unpriced", "too_expensive" -> Optional.of("Allow more with `max_cost_usd`, or leave it out.");
            case "too_slow" -> Optional.of("Allow more time with `deadline_ms`, or leave it out.");
            default -> Optional.empty();
        };
    }

    /** @param able how those of the plan stand */
    static FlowError allFull(Plan plan, List<Status> able) {
        FlowError full = FlowError.of(
                        Code.QUEUE_FULL,
                        "All that could run this is busy, and the queues are full: %s.",
                        plan.steps().stream()
                                .map(step -> step.deployment().id())
                                .collect(Collectors.joining(", ")))
                .advice("Send the request again later; GET /v1/deployments shows the queues.");
        return soonest(full, able.stream().flatMap(each -> each.retryAfter().stream()));
    }

    /** One attempt's failure speaks for itself. Several that agree keep their code, so that "all are full" is still heard as "come back later". */
    static FlowError nothingLeft(List<Attempt> attempts) {
        List<FlowError> failures =
                attempts.stream().flatMap(attempt -> attempt.failure().stream()).toList();
        FlowError last = failures.getLast();
        if (failures.size() == 1) {
            return last;
        }
        boolean allAgree = failures.stream().allMatch(failure -> failure.code() == last.code());
        FlowError all = FlowError.of(
                        allAgree ? last.code() : Code.NO_DEPLOYMENT_LEFT,
                        "All %d deployments of the plan failed. %s",
                        failures.size(),
                        attempts.stream().map(Attempt::toString).collect(Collectors.joining(" ")))
                .advice("Try again later.")
                .causedBy(last);
        return soonest(all, failures.stream().flatMap(failure -> failure.retryAfter().stream()));
    }

    static FlowError tooLate(Duration limit) {
        return FlowError.of(Code.DEADLINE_EXCEEDED, "The deadline of %s has passed.", DurationText.of(limit))
                .advice("Allow more time with `deadline_ms`, or send less audio.");
    }

    /** The error with the shortest of the waits, if there is any. */
    private static FlowError soonest(FlowError error, Stream<Duration> waits) {
        return waits.min(Comparator.naturalOrder()).map(error::retryAfter).orElse(error);
    }
}
