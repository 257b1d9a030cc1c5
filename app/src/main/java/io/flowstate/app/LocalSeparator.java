package io.flowstate.app;

import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.Task;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.gateway.Answer;
import io.flowstate.core.gateway.Call;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Separates in this process, through the gateway. */
final class LocalSeparator implements Separator {
    private final Terminal terminal;
    private final House house;
    private final Function<AudioInput, StemsRequest> requests;
    private final Policy policy;
    private final InstantSource clock;
    private final Set<String> noticed = new HashSet<>();

    /** @param requests the request for an input */
    LocalSeparator(
            Terminal terminal,
            House house,
            Function<AudioInput, StemsRequest> requests,
            Policy policy,
            InstantSource clock) {
        this.terminal = terminal;
        this.house = house;
        this.requests = requests;
        this.policy = policy;
        this.clock = clock;
    }

    /** Measures how long a run was busy with fetching a model and fitting it to the machine. */
    private static final class Preparing implements Progress.Listener {
        private final InstantSource clock;
        private @Nullable Instant since;
        private Duration took = Duration.ZERO;

        Preparing(InstantSource clock) {
            this.clock = clock;
        }

        @Override
        public void on(Progress progress) {
            Instant begun = since;
            boolean prepares =
                    progress.phase() == Progress.Phase.PULLING || progress.phase() == Progress.Phase.OPTIMIZING;
            if (begun == null && prepares) {
                since = clock.instant();
            } else if (begun != null && !prepares) {
                took = took.plus(Duration.between(begun, clock.instant()));
                since = null;
            }
        }

        Duration took() {
            return took;
        }
    }

    @Override
    public Separated separate(
            Track track, TrackOutputs outputs, Progress.Listener progress, Cancellation cancellation) {
        StemsRequest request = requests.apply(new AudioInput(track.fileName(), track.file()));
        Preparing preparing = new Preparing(clock);
        try {
            Answer answer = house.gateway()
                    .answer(new Call(
                            "cli-%d-%d".formatted(ProcessHandle.current().pid(), track.number()),
                            request,
                            policy,
                            cancellation,
                            now -> {
                                preparing.on(now);
                                progress.on(now);
                            },
                            (step, number) -> showNotice(step),
                            outputs));
            return Separated.here(answer, preparing.took());
        } catch (FlowError failure) {
            cancellation.throwIfCanceled();
            throw outputs.failure().orElseGet(() -> plainly(failure, request));
        }
    }

    /** Where a model cannot be fetched and that is all there is to say, it is said as doctor says it. */
    private FlowError plainly(FlowError failure, StemsRequest request) {
        List<Optional<FlowError>> reasons = house.catalogue().deploymentsOf(Task.STEMS).stream()
                .filter(deployment -> request.model().stream().allMatch(deployment::isCalled))
                .map(deployment -> deployment.leavesMachine()
                        ? Optional.<FlowError>empty()
                        : house.models().outOfReach(deployment.model()))
                .toList();
        if (failure.code() != Code.UNAVAILABLE || reasons.contains(Optional.<FlowError>empty())) {
            return failure;
        }
        FlowError absent = reasons.getFirst().orElseThrow();
        return FlowError.of(failure.code(), "%s", absent.message())
                .advice("%s", absent.advice().orElseThrow());
    }

    /** Whoever is about to fetch weights is told their terms, even if nothing else is to be heard. */
    private void showNotice(Plan.Step step) {
        Model model = step.deployment().model();
        if (!step.deployment().leavesMachine() && house.models().wouldFetch(model) && noticed.add(model.id())) {
            LicenceNotice.print(terminal.err(), model);
        }
    }

    @Override
    public Duration grace() {
        return StopSignal.SHORT;
    }

    /** The house is the caller's. */
    @Override
    public void close() {}
}
