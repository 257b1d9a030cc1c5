package io.flowstate.core.gateway;

import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Deployment;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * One try of one deployment.
 *
 * @param failure empty when it succeeded
 */
public record Attempt(Deployment deployment, Duration took, Optional<FlowError> failure) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s after %.1f s: %s",
                deployment.id(),
                took.toMillis() / 1000.0,
                failure.map(FlowError::message).orElse("ok."));
    }
}
