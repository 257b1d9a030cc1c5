package io.flowstate.app;

import io.flowstate.app.Tracks.Input;
import io.flowstate.app.Tracks.Missing;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Outputs;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Separates one track after the other. What is wrong with one track ends that track; what is wrong with the machine (no model, no disk) or with the options ends the batch,
 * for the others would fail in the same way. Runs on the calling thread.
 */
final class StemsBatch {
    private final Terminal terminal;
    private final Separator separator;
    private final Options options;
    private final StemsReport report;
    private final Clock clock;
    private final Cancellation cancellation = new Cancellation();
    private volatile @Nullable TrackOutputs current;

    /**
     * What holds for every track.
     *
     * @param out folder for outputs, absolute
     * @param outAsGiven the same as it was named
     */
    record Options(Path out, Path outAsGiven, NameTemplate naming, boolean json, boolean quiet) {}

    StemsBatch(Terminal terminal, Separator separator, Options options, Clock clock) {
        this.terminal = terminal;
        this.separator = separator;
        this.options = options;
        this.report = new StemsReport(terminal, options.out(), options.outAsGiven());
        this.clock = clock;
    }

    /** Gives the exit code; every failure has been told by then. */
    int run(Tracks tracks) {
        try (StopSignal _ = new StopSignal(cancellation, separator.grace(), this::leaveNothing);
                separator) {
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
        return error.code() == Code.CANCELED
                || error.code().kind() == Code.Kind.SETUP
                || Failures.exitCode(error) == Failures.USAGE;
    }

    private Optional<FlowError> separate(Track track, int count) {
        try (TrackOutputs outputs = new TrackOutputs(output -> target(track, output))) {
            current = outputs;
            Separated separated;
            try (ProgressView view = ProgressView.of(terminal, options.quiet(), track.label(count), clock)) {
                separated = separator.separate(track, outputs, view, cancellation);
            }
            List<TrackOutputs.Written> files = outputs.publish();
            if (options.json()) {
                report.json(track, separated, files);
            } else if (!options.quiet()) {
                report.table(track, separated, files);
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
