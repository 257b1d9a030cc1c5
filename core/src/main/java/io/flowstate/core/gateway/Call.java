package io.flowstate.core.gateway;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Request;
import io.flowstate.core.routing.Plan;
import io.flowstate.core.routing.Policy;
import io.flowstate.core.spi.Checkpoint;
import io.flowstate.core.spi.Outputs;
import io.flowstate.core.spi.Progress;

/**
 * One request with everything that accompanies it from its caller.
 *
 * @param id unique; the {@code X-Request-Id} of HTTP
 * @param attempting hears which deployment is about to be tried, before its first output byte
 * @param checkpoint what an earlier call with the same id left, and where this one leaves it
 */
public record Call(
        String id,
        Request request,
        Policy policy,
        Cancellation cancellation,
        Progress.Listener progress,
        AttemptListener attempting,
        Outputs outputs,
        Checkpoint checkpoint) {
    /** One that nobody goes on with if it is cut off. */
    public Call(
            String id,
            Request request,
            Policy policy,
            Cancellation cancellation,
            Progress.Listener progress,
            AttemptListener attempting,
            Outputs outputs) {
        this(id, request, policy, cancellation, progress, attempting, outputs, Checkpoint.NONE);
    }

    /** Hears of attempts as they start and fail; called on the thread that does the work. */
    @FunctionalInterface
    public interface AttemptListener {
        /** @param number 1 for the first */
        void attempting(Plan.Step step, int number);

        /** Called after each attempt that failed, the last one included. */
        default void failed(Attempt attempt) {}

        AttemptListener NONE = (step, number) -> {};
    }
}
