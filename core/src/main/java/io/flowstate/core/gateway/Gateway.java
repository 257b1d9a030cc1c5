package io.flowstate.core.gateway;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Plan.Step;
import io.flowstate.core.routing.Planner;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.routing.RequestFacts;
import io.flowstate.core.routing.Snapshot;
import io.flowstate.core.spi.AudioProbe;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.core.spi.Telemetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main path: understand → plan → attempt → record → answer. Every request goes through {@link #answer}, whether it comes from HTTP or from the command line.
 * Thread-safe.
 */
public final class Gateway {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

    private final Catalogue catalogue;
    private final Planner planner;
    private final Map<String, Provider> providers;
    private final AudioProbe probe;
    private final Telemetry telemetry;
    private final Clock clock;
    private final ScheduledExecutorService timer;

    /** @param timer fires deadlines; its tasks are short */
    public Gateway(
            Catalogue catalogue,
            List<Provider> providers,
            AudioProbe probe,
            Telemetry telemetry,
            Clock clock,
            ScheduledExecutorService timer) {
        this.catalogue = catalogue;
        this.planner = new Planner(catalogue);
        this.providers = providers.stream().collect(Collectors.toUnmodifiableMap(Provider::name, each -> each));
        this.probe = probe;
        this.telemetry = telemetry;
        this.clock = clock;
        this.timer = timer;
    }

    /**
     * Runs one request to its end on the calling thread, which is best a virtual one.
     *
     * @throws FlowError saying why not; what was written to the call's outputs is then worthless
     */
    public Answer answer(Call call) {
        Instant start = clock.instant();
        List<Attempt> attempts = new ArrayList<>();
        Optional<Duration> length = Optional.empty();
        try (Cancellation.Registration _ = armDeadline(call)) {
            Optional<AudioFacts> audio = understand(call);
            length = audio.flatMap(AudioFacts::duration);
            Plan plan = plan(facts(call.request(), length), call.policy());
            Result result = attempt(call, audio, plan, attempts);
            Answer answer = new Answer(result, plan, attempts, Duration.between(start, clock.instant()));
            record(call, attempts, Optional.empty(), answer.took(), length);
            return answer;
        } catch (FlowError failure) {
            record(call, attempts, Optional.of(failure), Duration.between(start, clock.instant()), length);
            throw failure;
        }
    }

    /** The plan that a request with these facts would get now. */
    public Plan plan(RequestFacts facts, Policy policy) {
        return planner.plan(facts, policy, snapshot(facts));
    }

    /** How a deployment stands now. */
    public Status status(Deployment deployment) {
        Provider provider = providers.get(deployment.provider());
        return provider == null
                ? Status.unavailable("no provider \"%s\" is configured here".formatted(deployment.provider()))
                : provider.status(deployment);
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    private Optional<AudioFacts> understand(Call call) {
        call.request().model().ifPresent(catalogue::requireKnown);
        return call.request().audio().map(input -> probe.probe(input, call.cancellation()));
    }

    private static RequestFacts facts(Request request, Optional<Duration> length) {
        return new RequestFacts(request.task(), request.model(), length);
    }

    private Snapshot snapshot(RequestFacts facts) {
        Map<String, Status> states = new HashMap<>();
        catalogue.deploymentsOf(facts.task()).stream()
                .filter(deployment -> providers.containsKey(deployment.provider()))
                .forEach(deployment -> states.put(deployment.id(), status(deployment)));
        return new Snapshot(states);
    }

    private Result attempt(Call call, Optional<AudioFacts> audio, Plan plan, List<Attempt> attempts) {
        if (plan.steps().isEmpty()) {
            throw FlowError.of(Code.NO_DEPLOYMENT, "Nothing can run this request: %s.", reasons(plan))
                    .advice("Change what the reasons name, or ask POST /v1/plan what would be possible.");
        }
        for (Step step : plan.steps()) {
            call.cancellation().throwIfCanceled();
            call.attempting().attempting(step, attempts.size() + 1);
            Instant start = clock.instant();
            try {
                Result result = run(call, audio, step, attempts.size() + 1);
                attempts.add(
                        new Attempt(step.deployment(), Duration.between(start, clock.instant()), Optional.empty()));
                return result;
            } catch (FlowError failure) {
                attempts.add(
                        new Attempt(step.deployment(), Duration.between(start, clock.instant()), Optional.of(failure)));
                call.cancellation().throwIfCanceled();
                if (!mayTryElsewhere(failure)
                        || !call.outputs().discard()
                        || attempts.size() == plan.steps().size()) {
                    throw failure;
                }
                log.warn(
                        "{} {}; next is {}",
                        call.id(),
                        attempts.getLast(),
                        plan.steps().get(attempts.size()).deployment().id());
            }
        }
        throw new IllegalStateException("every step returns or throws");
    }

    private Result run(Call call, Optional<AudioFacts> audio, Step step, int number) {
        Provider provider = providers.get(step.deployment().provider());
        if (provider == null) {
            throw new IllegalStateException(
                    "planned without a provider: " + step.deployment().id());
        }
        Run run = new Run(call.id(), number, audio, call.cancellation(), call.progress(), call.outputs());
        try {
            return provider.run(step.deployment(), call.request(), run);
        } catch (FlowError expected) {
            throw expected;
        } catch (RuntimeException | Error fault) {
            log.error("{} {}: unexpected failure", call.id(), step.deployment().id(), fault);
            throw FlowError.of(
                            Code.INTERNAL_ERROR,
                            "%s failed unexpectedly.",
                            step.deployment().id())
                    .advice("Look for request %s in the log and report it.", call.id())
                    .causedBy(fault);
        }
    }

    /** A caller's mistake stays one wherever it runs. */
    private static boolean mayTryElsewhere(FlowError failure) {
        return failure.code().kind() != Code.Kind.CALLER;
    }

    private Cancellation.Registration armDeadline(Call call) {
        return call.policy()
                .deadline()
                .<Cancellation.Registration>map(limit -> {
                    ScheduledFuture<?> alarm = timer.schedule(
                            () -> call.cancellation()
                                    .cancel(FlowError.of(
                                                    Code.DEADLINE_EXCEEDED,
                                                    "The deadline of %.1f s has passed.",
                                                    limit.toMillis() / 1000.0)
                                            .advice("Allow more time (deadline_ms), or send less audio.")),
                            limit.toMillis(),
                            TimeUnit.MILLISECONDS);
                    return () -> alarm.cancel(false);
                })
                .orElse(() -> {});
    }

    private void record(
            Call call, List<Attempt> attempts, Optional<FlowError> failure, Duration took, Optional<Duration> length) {
        Optional<String> deployment = attempts.isEmpty()
                ? Optional.empty()
                : Optional.of(attempts.getLast().deployment().id());
        log.info(
                "{} {} {} in {} ms, attempts {}",
                call.id(),
                call.request().task().id(),
                failure.map(why -> why.code().id()).orElse("ok"),
                took.toMillis(),
                attempts);
        telemetry.finished(new Telemetry.Finished(
                call.request().task(), deployment, failure.map(FlowError::code), attempts.size(), took, length));
    }

    private static String reasons(Plan plan) {
        return plan.rejected().isEmpty()
                ? "the catalogue has no deployment for the task"
                : plan.rejected().stream()
                        .map(rejection ->
                                "%s (%s)".formatted(rejection.deployment().id(), rejection.detail()))
                        .collect(Collectors.joining("; "));
    }
}
