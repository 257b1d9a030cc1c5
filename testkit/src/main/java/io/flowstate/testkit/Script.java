package io.flowstate.testkit;

import io.flowstate.core.FlowError;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Run;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What a {@link FakeProvider} does in one run, step after step; after the last one it succeeds. Immutable. */
public final class Script {
    private final List<Step> steps;

    @FunctionalInterface
    private interface Step {
        void perform(Stage stage) throws IOException;
    }

    private Script(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    public static Script start() {
        return new Script(List.of());
    }

    /** A whole run that writes these bytes to each output. */
    public static Script writing(byte[] bytes) {
        return start().openAll().writeAll(bytes);
    }

    /** Opens every output of the request, as a provider does before its first sample. */
    public Script openAll() {
        return then(stage -> stage.openAll(OptionalLong.empty()));
    }

    /** The same, announcing how long each output will be. */
    public Script openAll(long sizeBytes) {
        return then(stage -> stage.openAll(OptionalLong.of(sizeBytes)));
    }

    /** Writes to one output. */
    public Script write(String output, byte[] bytes) {
        return then(stage -> stage.stream(output).write(bytes));
    }

    /** Writes the same to every output, in turns. */
    public Script writeAll(byte[] bytes) {
        return then(stage -> {
            for (OutputStream stream : stage.streams.values()) {
                stream.write(bytes);
            }
        });
    }

    /** Says how far it is. */
    public Script report(Progress progress) {
        return then(stage -> stage.run.progress().on(progress));
    }

    /** Stands at a gate until it opens or the run is canceled. */
    public Script await(Gate gate) {
        return then(stage -> gate.pass(stage.run.cancellation()));
    }

    /** Fails as a provider is allowed to. */
    public Script fail(FlowError error) {
        return then(_ -> {
            throw error;
        });
    }

    /** Fails as no provider should. */
    public Script crash(RuntimeException fault) {
        return then(_ -> {
            throw fault;
        });
    }

    /** Plays on the calling thread and closes what was opened, however it ends, as a provider does; gives the outputs' names. */
    List<String> play(Deployment deployment, StemsRequest request, Run run) throws IOException {
        Stage stage = new Stage(deployment, request, run);
        try {
            for (Step step : steps) {
                run.cancellation().throwIfCanceled();
                step.perform(stage);
            }
        } finally {
            for (OutputStream stream : stage.streams.values()) {
                stream.close();
            }
        }
        return stage.names;
    }

    private Script then(Step step) {
        List<Step> longer = new ArrayList<>(steps);
        longer.add(step);
        return new Script(longer);
    }

    /** The run that a script plays in. */
    private static final class Stage {
        private final List<String> names;
        private final StemsRequest request;
        private final Run run;
        private final Map<String, OutputStream> streams = new LinkedHashMap<>();

        Stage(Deployment deployment, StemsRequest request, Run run) {
            this.names = request.selection().parts(deployment.model().stems()).stream()
                    .map(StemSelection.Part::name)
                    .toList();
            this.request = request;
            this.run = run;
        }

        void openAll(OptionalLong size) throws IOException {
            for (String name : names) {
                streams.put(name, run.outputs().open(new Outputs.Description(name, request.output(), size)));
            }
        }

        OutputStream stream(String name) {
            OutputStream stream = streams.get(name);
            if (stream == null) {
                throw new AssertionError("the script writes to %s, which is not open".formatted(name));
            }
            return stream;
        }
    }
}
