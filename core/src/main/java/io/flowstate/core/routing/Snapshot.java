package io.flowstate.core.routing;

import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.spi.Status;
import java.util.Map;

/**
 * How the deployments stood when the plan was made.
 *
 * @param byDeployment state by {@code provider/model}; one that is missing has no provider here
 */
public record Snapshot(Map<String, Status> byDeployment) {
    public Snapshot {
        byDeployment = Map.copyOf(byDeployment);
    }

    Status of(Deployment deployment) {
        Status status = byDeployment.get(deployment.id());
        return status == null
                ? Status.unavailable("no provider \"%s\" is configured here".formatted(deployment.provider()))
                : status;
    }
}
