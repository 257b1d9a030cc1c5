package io.flowstate.core.gateway;

import io.flowstate.core.Result;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.routing.Plan;
import java.time.Duration;
import java.util.List;

/**
 * What came of a request that succeeded.
 *
 * @param attempts all that were made; the last one succeeded
 */
public record Answer(Result result, Plan plan, List<Attempt> attempts, Duration took) {
    public Answer {
        attempts = List.copyOf(attempts);
    }

    public Deployment deployment() {
        return attempts.getLast().deployment();
    }
}
