package io.flowstate.app;

import io.flowstate.core.StemsResult;
import io.flowstate.core.gateway.Answer;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * What came of one track, here or on a server.
 *
 * @param took from its begin to its end
 * @param preparing how much of that was for fetching the model and fitting it to the machine, once, which says nothing of the separation's speed
 * @param costUsd empty if nobody knows
 * @param server which one did it, if one did
 */
record Separated(
        StemsResult result,
        Duration took,
        Duration preparing,
        String deployment,
        Optional<BigDecimal> costUsd,
        int attempts,
        Optional<OnServer> server) {
    /** A server, and what it calls the work. */
    record OnServer(URI address, String job) {}

    /** In this process. */
    static Separated here(Answer answer, Duration preparing) {
        StemsResult result = (StemsResult) answer.result();
        return new Separated(
                result,
                answer.took(),
                preparing,
                answer.deployment().id(),
                answer.deployment().costUsd(Optional.of(result.length())),
                answer.attempts().size(),
                Optional.empty());
    }
}
