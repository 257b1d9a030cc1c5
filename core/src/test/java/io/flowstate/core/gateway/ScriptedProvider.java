package io.flowstate.core.gateway;

import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemsResult;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** A provider that does what the test says, and remembers what it was asked. */
final class ScriptedProvider implements Provider {
    static final Result DONE = new StemsResult(List.of("vocals"), Duration.ofSeconds(60), 44_100, 1, 0);

    final List<Run> runs = Collections.synchronizedList(new ArrayList<>());
    private final String name;
    private final Function<Run, Result> script;
    private final Supplier<Status> status;

    ScriptedProvider(String name, Function<Run, Result> script) {
        this(name, script, () -> Status.ready(true));
    }

    ScriptedProvider(String name, Function<Run, Result> script, Supplier<Status> status) {
        this.name = name;
        this.script = script;
        this.status = status;
    }

    static ScriptedProvider succeeding(String name) {
        return new ScriptedProvider(name, run -> DONE);
    }

    static ScriptedProvider failing(String name, Throwable failure) {
        return new ScriptedProvider(name, run -> {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Status status(Deployment deployment) {
        return status.get();
    }

    @Override
    public Result run(Deployment deployment, Request request, Run run) {
        runs.add(run);
        return script.apply(run);
    }
}
