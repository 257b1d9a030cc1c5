package io.flowstate.core;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What can be asked. A task is listed here when something can run it. */
public enum Task {
    STEMS("stems");

    private final String id;

    Task(String id) {
        this.id = id;
    }

    /** The task's name in the API, the CLI and the catalogue. */
    public String id() {
        return id;
    }

    public static Task of(String id) {
        return Arrays.stream(values())
                .filter(task -> task.id.equals(id))
                .findFirst()
                .orElseThrow(() -> FlowError.of(Code.BAD_REQUEST, "There is no task \"%s\".", id)
                        .field("task")
                        .advice("Tasks are: %s.", all()));
    }

    private static String all() {
        return Arrays.stream(values()).map(Task::id).collect(Collectors.joining(", "));
    }
}
