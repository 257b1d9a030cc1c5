package io.flowstate.app;

import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.engine.LocalProvider;

/**
 * The {@code local} provider as a node without an engine sees it: the nodes with the role worker. What this machine could run does not matter, nor what is wrong with those
 * at the moment, because a job waits for them. Thread-safe.
 */
final class OnWorkers implements Provider {
    @Override
    public String name() {
        return "local";
    }

    @Override
    public Status status(Deployment deployment) {
        return LocalProvider.mistake(deployment.model())
                .map(Status::unavailable)
                .orElseGet(() -> Status.ready(false));
    }

    @Override
    public Result run(Deployment deployment, Request request, Run run) {
        throw new IllegalStateException("%s was asked to run where no job runs".formatted(deployment.id()));
    }
}
