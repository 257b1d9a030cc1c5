package io.flowstate.core;

/** A value that must not reach a log, a message or a page: it prints as {@code •••}. */
public record Secret(String value) {
    @Override
    public String toString() {
        return "•••";
    }
}
