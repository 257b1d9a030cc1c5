package io.flowstate.core.gateway;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.Stem;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.Task;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main path: admit → understand → plan → attempt → record → answer. Every request goes through {@link #answer}, whether it comes from HTTP or from the command line;
 * only one whose audio has yet to be sent is first asked whether there is anybody to take it ({@link #admit}), and is counted when it ends before that ({@link #refused}).
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
     * @throws FlowError saying why not: the cancellation's reason if the call was stopped; what was written to the call's outputs is then worthless
     */
    public Answer answer(Call call) {
        Instant start = clock.instant();
        List<Attempt> attempts = new ArrayList<>();
        Optional<AudioFacts> audio = Optional.empty();
        Answer answer;
        try (Cancellation.Registration _ = armDeadline(call)) {
            audio = understand(call);
            Plan plan = plan(facts(call.request(), audio), call.policy());
            Result result = attempt(call, audio, plan, attempts);
            answer = new Answer(result, plan, attempts, since(start));
        } catch (RuntimeException | Error thrown) {
            FlowError failure = explain(call, thrown);
            record(call.id(), call.request().task(), audio, attempts, Optional.of(failure), since(start));
            throw failure;
        }
        record(call.id(), call.request().task(), audio, attempts, Optional.empty(), answer.took());
        return answer;
    }

    /**
     * Refuses at the door what nobody could take now, so that a caller is spared sending its audio. Who is let in may be refused by {@link #answer} all the same, because
     * the room may be gone by then.
     *
     * @throws FlowError {@code QUEUE_FULL} with the shortest wait that is known, {@code UNAVAILABLE}, {@code NO_DEPLOYMENT}, {@code UNKNOWN_MODEL}
     */
    public void admit(RequestFacts facts, Policy policy) {
        Snapshot now = snapshot(facts.task());
        Plan plan = planner.plan(facts, policy, now);
        if (plan.steps().isEmpty()) {
            throw Refusals.nothingPlanned(plan);
        }
        List<Status> able =
                plan.steps().stream().map(step -> now.of(step.deployment())).toList();
        if (able.stream().allMatch(Status::isFull)) {
            throw Refusals.allFull(plan, able);
        }
    }

    /** Counts a request that was refused before it could become a call. */
    public void refused(String id, Task task, FlowError why, Duration took) {
        record(id, task, Optional.empty(), List.of(), Optional.of(why), took);
    }

    /** The plan that a request with these facts would get now. */
    public Plan plan(RequestFacts facts, Policy policy) {
        return planner.plan(facts, policy, snapshot(facts.task()));
    }

    /**
     * What a request would meet if it were made now.
     *
     * @param audio facts of its input, if they could be learned
     * @param plan with at least one step
     */
    public record Foresight(Optional<AudioFacts> audio, Plan plan) {}

    /**
     * Understands a request that is to be run later, and sees whether anything could run it.
     *
     * @throws FlowError if its audio cannot be read, or nothing could run it
     */
    public Foresight foresee(Request request, Policy policy, Cancellation cancellation) {
        request.model().ifPresent(catalogue::requireKnown);
        return foresee(request, policy, request.audio().map(input -> probe.probe(input, cancellation)));
    }

    /** The same for one whose audio is not here yet. */
    public Foresight foreseeUnheard(Request request, Policy policy) {
        request.model().ifPresent(catalogue::requireKnown);
        return foresee(request, policy, Optional.empty());
    }

    private Foresight foresee(Request request, Policy policy, Optional<AudioFacts> audio) {
        Plan plan = plan(facts(request, audio), policy);
        if (plan.steps().isEmpty()) {
            throw Refusals.nothingPlanned(plan);
        }
        return new Foresight(audio, plan);
    }

    /** How a deployment stands now. */
    public Status status(Deployment deployment) {
        Provider provider = providers.get(deployment.provider());
        if (provider == null) {
            return Status.unavailable("no provider \"%s\" is configured here".formatted(deployment.provider()));
        }
        try {
            return provider.status(deployment);
        } catch (RuntimeException fault) {
            log.error("{} cannot tell its status, so no request goes there", deployment.id(), fault);
            return Status.unavailable("its provider cannot tell how it stands; the log has the details");
        }
    }

    public Catalogue catalogue() {
        return catalogue;
    }

    private Optional<AudioFacts> understand(Call call) {
        call.cancellation().throwIfCanceled();
        call.request().model().ifPresent(catalogue::requireKnown);
        return call.request().audio().map(input -> probe.probe(input, call.cancellation()));
    }

    private static RequestFacts facts(Request request, Optional<AudioFacts> audio) {
        Set<Stem> stems = switch (request) {
            case StemsRequest separation -> separation.selection().named();
        };
        return new RequestFacts(request.task(), request.model(), audio.flatMap(AudioFacts::duration), stems);
    }

    private Snapshot snapshot(Task task) {
        return new Snapshot(
                catalogue.deploymentsOf(task).stream().collect(Collectors.toMap(Deployment::id, this::status)));
    }

    /** Tries the steps of the plan in order, until one succeeds or fails in a way that no other would mend. */
    private Result attempt(Call call, Optional<AudioFacts> audio, Plan plan, List<Attempt> attempts) {
        for (Step step : plan.steps()) {
            call.cancellation().throwIfCanceled();
            call.attempting().attempting(step, attempts.size() + 1);
            Instant start = clock.instant();
            try {
                Result result = run(call, audio, step.deployment(), attempts.size() + 1);
                attempts.add(new Attempt(step.deployment(), since(start), Optional.empty()));
                return result;
            } catch (RuntimeException | Error thrown) {
                FlowError failure = explain(call, thrown);
                attempts.add(new Attempt(step.deployment(), since(start), Optional.of(failure)));
                call.attempting().failed(attempts.getLast());
                boolean last = attempts.size() == plan.steps().size();
                if (!mayTryElsewhere(call, failure) || (!last && !call.outputs().discard())) {
                    throw failure;
                }
                log.warn("{} {} {}", call.id(), attempts.getLast(), last ? "None is left." : "Trying the next.");
            }
        }
        throw attempts.isEmpty() ? Refusals.nothingPlanned(plan) : Refusals.nothingLeft(attempts);
    }

    private Result run(Call call, Optional<AudioFacts> audio, Deployment deployment, int number) {
        Provider provider = Objects.requireNonNull(providers.get(deployment.provider()), "planned without a provider");
        Run run = new Run(
                call.id(),
                number,
                audio,
                call.cancellation(),
                call.progress(),
                call.outputs(),
                call.checkpoint().on(deployment.id()));
        return provider.run(deployment, call.request(), run);
    }

    /** Not after a cancellation, and not with a caller's mistake, which stays one wherever it runs. */
    private static boolean mayTryElsewhere(Call call, FlowError failure) {
        return !call.cancellation().isCanceled() && failure.code().kind() != Code.Kind.CALLER;
    }

    /** Why the work really ended: what breaks after a cancellation breaks because of it, and an unexpected fault shows its insides only in the log. */
    private static FlowError explain(Call call, Throwable thrown) {
        if (call.cancellation().isCanceled()) {
            return call.cancellation().reason();
        }
        if (thrown instanceof FlowError expected) {
            return expected;
        }
        log.error("{} failed unexpectedly", call.id(), thrown);
        return FlowError.of(Code.INTERNAL_ERROR, "FlowState failed unexpectedly.")
                .advice("Look for request %s in the log and report it.", call.id())
                .causedBy(thrown);
    }

    private Cancellation.Registration armDeadline(Call call) {
        if (call.policy().deadline().isEmpty()) {
            return () -> {};
        }
        Duration limit = call.policy().deadline().get();
        FlowError tooLate = Refusals.tooLate(limit);
        ScheduledFuture<?> alarm =
                timer.schedule(() -> call.cancellation().cancel(tooLate), limit.toMillis(), TimeUnit.MILLISECONDS);
        return () -> alarm.cancel(false);
    }

    private void record(
            String id,
            Task task,
            Optional<AudioFacts> audio,
            List<Attempt> attempts,
            Optional<FlowError> failure,
            Duration took) {
        Optional<Code> code = failure.map(FlowError::code);
        log.info(
                "{} {} {} in {} ms, attempts {}",
                id,
                task.id(),
                code.map(Code::id).orElse("ok"),
                took.toMillis(),
                attempts);
        Optional<String> deployment = attempts.isEmpty()
                ? Optional.empty()
                : Optional.of(attempts.getLast().deployment().id());
        try {
            telemetry.finished(new Telemetry.Finished(
                    task, deployment, code, attempts.size(), took, audio.flatMap(AudioFacts::duration)));
        } catch (RuntimeException fault) {
            log.error("{} was not counted: telemetry failed", id, fault);
        }
    }

    private Duration since(Instant start) {
        return Duration.between(start, clock.instant());
    }
}
