package io.flowstate.core.routing;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import io.flowstate.core.DurationText;
import io.flowstate.core.Stem;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.routing.Plan.Prediction;
import io.flowstate.core.routing.Plan.Rejection;
import io.flowstate.core.routing.Plan.Step;
import io.flowstate.core.routing.Policy.Priority;
import io.flowstate.core.spi.Status;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Decides, from facts alone, which deployments may run a request and in which order. Pure and total: no clock, no network, the same input gives the same plan,
 * whatever the order of the catalogue.
 *
 * <p>Order: the catalogue's preference of providers for the task and priority; inside one place predicted latency (realtime) or cost (background), then the other of
 * the two, then the name.
 */
public final class Planner {
    private static final BigDecimal UNKNOWN_COST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final Duration UNKNOWN_TIME = Duration.ofDays(365_000);

    private final Catalogue catalogue;

    public Planner(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** @throws io.flowstate.core.FlowError {@code UNKNOWN_MODEL} if a model is pinned that the catalogue has not */
    public Plan plan(RequestFacts facts, Policy policy, Snapshot snapshot) {
        facts.model().ifPresent(catalogue::requireKnown);
        List<Step> steps = new ArrayList<>();
        List<Rejection> rejected = new ArrayList<>();
        for (Deployment deployment : catalogue.deploymentsOf(facts.task())) {
            Status status = snapshot.of(deployment);
            Prediction predicted = predict(deployment, status, facts);
            objection(deployment, status, predicted, facts, policy)
                    .ifPresentOrElse(
                            rejected::add,
                            () -> steps.add(new Step(deployment, predicted, why(deployment, status, facts, policy))));
        }
        steps.sort(order(facts, policy.priority()));
        rejected.sort(Comparator.comparing(rejection -> rejection.deployment().id()));
        return new Plan(steps, rejected);
    }

    private static Optional<Rejection> objection(
            Deployment deployment, Status status, Prediction predicted, RequestFacts facts, Policy policy) {
        if (facts.model().filter(pinned -> !deployment.isCalled(pinned)).isPresent()) {
            return reject(
                    deployment,
                    "other_model",
                    "the request names %s",
                    facts.model().get());
        }
        Optional<Stem> missing = missing(deployment, facts);
        if (missing.isPresent()) {
            return reject(
                    deployment,
                    "missing_stem",
                    "it gives no stem %s",
                    missing.get().id());
        }
        if (!policy.providers().isEmpty() && !policy.providers().contains(deployment.provider())) {
            return reject(
                    deployment,
                    "provider_not_allowed",
                    "the policy allows only %s",
                    String.join(", ", new TreeSet<>(policy.providers())));
        }
        if (policy.localOnly() && deployment.leavesMachine()) {
            return reject(deployment, "data_must_stay", "the data would leave this machine");
        }
        if (policy.commercialUse() && !deployment.model().licence().commercialUse()) {
            return reject(
                    deployment,
                    "licence",
                    "the weights are for %s",
                    deployment.model().licence().weights());
        }
        return limits(deployment, status, predicted, facts, policy);
    }

    private static Optional<Rejection> limits(
            Deployment deployment, Status status, Prediction predicted, RequestFacts facts, Policy policy) {
        Optional<Duration> maxAudio = deployment.limits().maxAudio();
        if (maxAudio.isPresent()
                && facts.audio()
                        .filter(audio -> audio.compareTo(maxAudio.get()) > 0)
                        .isPresent()) {
            return reject(
                    deployment,
                    "audio_too_long",
                    "it takes at most %d s",
                    maxAudio.get().toSeconds());
        }
        if (policy.maxCostUsd().isPresent()) {
            BigDecimal most = policy.maxCostUsd().get();
            if (predicted.costUsd().isEmpty()) {
                return reject(
                        deployment,
                        "unpriced",
                        "its cost is not known and the request allows at most $%s",
                        most.toPlainString());
            }
            if (predicted.costUsd().get().compareTo(most) > 0) {
                return reject(
                        deployment,
                        "too_expensive",
                        "it would cost $%s of at most $%s",
                        predicted.costUsd().get().toPlainString(),
                        most.toPlainString());
            }
        }
        if (status.unavailable().isPresent()) {
            return reject(
                    deployment,
                    Rejection.UNAVAILABLE,
                    "%s",
                    status.unavailable().get());
        }
        if (policy.deadline().isPresent()
                && predicted
                        .p50()
                        .filter(p50 -> p50.compareTo(policy.deadline().get()) > 0)
                        .isPresent()) {
            return reject(
                    deployment,
                    "too_slow",
                    "it would take about %s of at most %s",
                    DurationText.of(predicted.p50().get()),
                    DurationText.of(policy.deadline().get()));
        }
        return Optional.empty();
    }

    private static Optional<Stem> missing(Deployment deployment, RequestFacts facts) {
        return facts.stems().stream()
                .filter(stem -> !deployment.model().stems().contains(stem))
                .min(Comparator.naturalOrder());
    }

    @FormatMethod
    private static Optional<Rejection> reject(
            Deployment deployment, String reason, @FormatString String detail, Object... args) {
        return Optional.of(new Rejection(deployment, reason, String.format(Locale.ROOT, detail, args)));
    }

    private static Prediction predict(Deployment deployment, Status status, RequestFacts facts) {
        Deployment.Latency prior = deployment.latency();
        Optional<Double> alone = facts.audio()
                .map(Planner::seconds)
                .or(() -> prior.perAudioSecond() == 0 ? Optional.of(0.0) : Optional.empty())
                .map(audio -> seconds(prior.start()) + audio * prior.perAudioSecond());
        // Those ahead are taken to be like this one: nothing better is known of them yet.
        Optional<Double> p50 =
                alone.map(own -> own * (1.0 + ahead(status)) + (status.warm() ? 0 : seconds(prior.cold())));
        return new Prediction(
                p50.map(Planner::duration),
                p50.map(median -> duration(median * prior.spread())),
                deployment.costUsd(facts.audio()));
    }

    private Comparator<Step> order(RequestFacts facts, Priority priority) {
        Comparator<Step> byRank = Comparator.comparingInt(step ->
                catalogue.rank(facts.task(), priority.id(), step.deployment().provider()));
        Comparator<Step> byTime =
                Comparator.comparing(step -> step.predicted().p50().orElse(UNKNOWN_TIME));
        Comparator<Step> byCost =
                Comparator.comparing(step -> step.predicted().costUsd().orElse(UNKNOWN_COST));
        Comparator<Step> byNeed = switch (priority) {
            case REALTIME -> byTime.thenComparing(byCost);
            case BACKGROUND -> byCost.thenComparing(byTime);
        };
        return byRank.thenComparing(byNeed)
                .thenComparing(step -> step.deployment().id());
    }

    private String why(Deployment deployment, Status status, RequestFacts facts, Policy policy) {
        int place = catalogue.rank(facts.task(), policy.priority().id(), deployment.provider()) + 1;
        return String.format(
                Locale.ROOT,
                "%s is choice %d for %s %s; %s, %d ahead in its queue",
                deployment.provider(),
                place,
                policy.priority().id(),
                facts.task().id(),
                status.warm() ? "loaded" : "must load first",
                ahead(status));
    }

    private static long ahead(Status status) {
        return (long) status.running() + status.queued();
    }

    /** Not beyond the time that stands for unknown: a header may announce an absurd length, and a plan is made of it all the same. */
    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(Math.min(seconds, seconds(UNKNOWN_TIME)) * 1000));
    }

    private static double seconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }
}
