package io.flowstate.server;

import io.flowstate.core.FlowError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A task that failed, with the attempts that were made, all of which failed, as the API shows them. */
final class TaskFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FlowError error;
    private final transient List<JsonNode> attempts;

    TaskFailure(FlowError error, List<JsonNode> attempts) {
        super(error);
        this.error = error;
        this.attempts = List.copyOf(attempts);
    }

    FlowError error() {
        return error;
    }

    List<JsonNode> attempts() {
        return attempts;
    }
}
