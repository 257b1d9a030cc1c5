package io.flowstate.app;

import io.flowstate.app.Tracks.Input;
import io.flowstate.app.Tracks.Missing;
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
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Separates one track after the other. What is wrong with one track ends that track; what is wrong with the machine (no model, no disk) ends the batch, for the others would
 * fail in the same way. Runs on the calling thread.
 */
final class StemsBatch {
    private final Terminal terminal;
    private final House house;
    private final Options options;
    private final StemsReport report;
    private final Clock clock;
    private final Cancellation cancellation = new Cancellation();
    private final Set<String> noticed = new HashSet<>();
    private volatile @Nullable TrackOutputs current;

    /**
     * What holds for every track.
     *
     * @param request the request for an input
     * @param out folder for outputs, absolute
     * @param outAsGiven the same as it was named
     */
    record Options(
            Function<AudioInput, StemsRequest> request,
            Policy policy,
            Path out,
            Path outAsGiven,
            NameTemplate naming,
            boolean json,
            boolean quiet) {}

    StemsBatch(Terminal terminal, House house, Options options, Clock clock) {
        this.terminal = terminal;
        this.house = house;
        this.options = options;
        this.report = new StemsReport(terminal, options.out(), options.outAsGiven());
        this.clock = clock;
    }

    /** Measures how long a run was busy with fetching a model and fitting it to the machine, once, which says nothing of the separation's speed. */
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

    /** Gives the exit code; every failure has been told by then. */
    int run(Tracks tracks) {
        try (StopSignal _ = new StopSignal(cancellation, this::leaveNothing)) {
            tracks.missing().forEach(missing -> complain(missing.shown(), missing.why()));
            return separateAll(tracks);
        }
    }

    /** Tells of every input that it was not tried, since what is wrong would stop them all. Gives the exit code. */
    int refuse(Tracks tracks, FlowError because) {
        tracks.missing().forEach(missing -> complain(missing.shown(), missing.why()));
        complain(tracks.found().getFirst().shown(), because);
        leaveOut(tracks.inputs(), because);
        complainOfUntried(tracks.found().size() - 1, because);
        return Failures.exitCode(because);
    }

    private int separateAll(Tracks tracks) {
        List<Input> inputs = tracks.inputs();
        int count = tracks.found().size();
        int worst = Failures.OK;
        for (int i = 0; i < inputs.size(); i++) {
            Optional<FlowError> failure = switch (inputs.get(i)) {
                case Missing missing -> Optional.of(missing.why());
                case Track track -> {
                    Optional<FlowError> why = separate(track, count);
                    why.ifPresent(error -> complain(track.shown(), error));
                    yield why;
                }
            };
            if (failure.isPresent()) {
                FlowError error = failure.get();
                report(inputs.get(i), error);
                worst = Failures.FAILED;
                if (inputs.get(i) instanceof Track track && stopsTheOthers(error)) {
                    leaveOut(inputs.subList(i + 1, inputs.size()), error);
                    complainOfUntried(count - track.number(), error);
                    return Failures.exitCode(error);
                }
            }
        }
        return worst;
    }

    private static boolean stopsTheOthers(FlowError error) {
        return error.code() == Code.CANCELED || error.code().kind() == Code.Kind.SETUP;
    }

    private Optional<FlowError> separate(Track track, int count) {
        String label = count == 1 ? track.fileName() : "[%d/%d] %s".formatted(track.number(), count, track.fileName());
        try (TrackOutputs outputs = new TrackOutputs(output -> target(track, output))) {
            current = outputs;
            Preparing preparing = new Preparing(clock);
            Answer answer = answer(track, label, outputs, preparing);
            List<TrackOutputs.Written> files = outputs.publish();
            Duration working = answer.took().minus(preparing.took());
            if (options.json()) {
                report.json(track, answer, working, files);
            } else if (!options.quiet()) {
                report.table(track, answer, working, files);
            }
            return Optional.empty();
        } catch (FlowError failure) {
            return Optional.of(failure);
        }
    }

    private Path target(Track track, Outputs.Description output) {
        return options.naming()
                .resolve(
                        options.out(),
                        track,
                        output.name(),
                        output.format().container().id());
    }

    /** On a signal's thread, when the work did not end in time by itself. */
    private void leaveNothing() {
        TrackOutputs unfinished = current;
        if (unfinished != null) {
            unfinished.close();
        }
    }

    private Answer answer(Track track, String label, TrackOutputs outputs, Preparing preparing) {
        StemsRequest request = options.request().apply(new AudioInput(track.fileName(), track.file()));
        try (ProgressView view = ProgressView.of(terminal, options.quiet(), label, clock)) {
            Call call = new Call(
                    "cli-%d-%d".formatted(ProcessHandle.current().pid(), track.number()),
                    request,
                    options.policy(),
                    cancellation,
                    progress -> {
                        preparing.on(progress);
                        view.on(progress);
                    },
                    (step, number) -> showNotice(step),
                    outputs);
            return house.gateway().answer(call);
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

    /** For programs, in the order of the inputs. */
    private void report(Input input, FlowError error) {
        if (options.json()) {
            report.json(input.shown(), error);
        }
    }

    /** For a person, who wants to know early. Whoever reads the objects and asked for quiet has heard it there. */
    private void complain(String input, FlowError error) {
        if (!isSilent()) {
            Failures.print(terminal.err(), input, error);
        }
    }

    private boolean isSilent() {
        return options.json() && options.quiet();
    }

    /** Reports the inputs that are not tried, and those that could not have been. */
    private void leaveOut(List<Input> untried, FlowError because) {
        for (Input input : untried) {
            report(
                    input,
                    switch (input) {
                        case Missing missing -> missing.why();
                        case Track _ -> because;
                    });
        }
    }

    private void complainOfUntried(int count, FlowError because) {
        if (count > 0 && because.code() != Code.CANCELED && !isSilent()) {
            terminal.err().printf("%d more not tried.%n", count);
        }
    }
}
