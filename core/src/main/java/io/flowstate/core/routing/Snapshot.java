package io.flowstate.core.routing;

import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Status;
import java.util.Map;

/**
 * How the deployments stood when the plan was made.
 *
 * @param byDeployment state by {@code provider/model}; one that is missing counts as unavailable
 */
public record Snapshot(Map<String, Status> byDeployment) {
    private static final Status UNKNOWN = Status.unavailable("its state is not known");

    public Snapshot {
        byDeployment = Map.copyOf(byDeployment);
    }

    /** How a deployment stood. */
    public Status of(Deployment deployment) {
        return byDeployment.getOrDefault(deployment.id(), UNKNOWN);
    }
}
