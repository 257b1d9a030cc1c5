package io.flowstate.server;

import io.flowstate.core.FlowError;
import io.flowstate.core.gateway.Attempt;
import java.util.List;

/** A task that failed, with the attempts that were made, all of which failed. */
final class TaskFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FlowError error;
    private final transient List<Attempt> attempts;

    TaskFailure(FlowError error, List<Attempt> attempts) {
        super(error);
        this.error = error;
        this.attempts = List.copyOf(attempts);
    }

    FlowError error() {
        return error;
    }

    List<Attempt> attempts() {
        return attempts;
    }
}
