package io.flowstate.core;

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
        return Check.choice("task", id, values(), Task::id);
    }
}
