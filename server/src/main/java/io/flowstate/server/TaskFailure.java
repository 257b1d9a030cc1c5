package io.flowstate.server;

import io.flowstate.core.FlowError;
import java.util.List;

/** A task that failed, with the deployments on which it was tried. */
final class TaskFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FlowError error;
    private final transient List<String> tried;

    TaskFailure(FlowError error, List<String> tried) {
        super(error);
        this.error = error;
        this.tried = List.copyOf(tried);
    }

    FlowError error() {
        return error;
    }

    List<String> tried() {
        return tried;
    }
}
