package io.flowstate.core.spi;

import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.catalogue.Deployment;

/** A place that runs models. Implementations are thread-safe. */
public interface Provider {
    /** The part before the slash in {@code provider/model}. */
    String name();

    /** How the deployment stands at this moment. Quick: it is asked for every plan. */
    Status status(Deployment deployment);

    /**
     * Runs one request to its end on the calling thread, which is virtual.
     *
     * @throws io.flowstate.core.FlowError when it fails; the reason of {@link Run#cancellation()} when it was stopped
     */
    Result run(Deployment deployment, Request request, Run run);
}
