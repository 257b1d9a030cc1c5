package io.flowstate.core.spi;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.Cancellation;
import java.util.Optional;

/**
 * What accompanies a request through one attempt.
 *
 * @param id the request's id, for logs
 * @param attempt 1 for the first; with {@code id} the idempotency key towards a remote provider
 * @param audio facts of the input, when the request has one
 * @param cancellation also fires at the deadline
 * @param checkpoint for runs that can be gone on with
 */
public record Run(
        String id,
        int attempt,
        Optional<AudioFacts> audio,
        Cancellation cancellation,
        Progress.Listener progress,
        Outputs outputs,
        Checkpoint checkpoint) {
    /** One that nobody goes on with. */
    public Run(
            String id,
            int attempt,
            Optional<AudioFacts> audio,
            Cancellation cancellation,
            Progress.Listener progress,
            Outputs outputs) {
        this(id, attempt, audio, cancellation, progress, outputs, Checkpoint.NONE);
    }
}
