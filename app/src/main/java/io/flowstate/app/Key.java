package io.flowstate.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * One thing that can be configured.
 *
 * @param name {@code group.key} in flowstate.yaml
 * @param fallback the default, written as in the file
 * @param help one sentence for the docs
 * @param rule what a value must be, for the error message
 * @param aliases further environment variables that set it, besides {@link #variable}
 * @param secret never shown
 */
record Key<T>(
        String name,
        String fallback,
        String help,
        String rule,
        Parser<T> parser,
        List<String> aliases,
        boolean secret) {
    /** Turns text into a value. */
    @FunctionalInterface
    interface Parser<T> {
        /**
         * @param from the folder in which relative paths start
         * @throws RuntimeException if the text breaks the key's rule
         */
        T parse(String text, Path from);
    }

    Key(String name, String fallback, String help, String rule, Parser<T> parser) {
        this(name, fallback, help, rule, parser, List.of(), false);
    }

    Key<T> alsoFrom(String variable) {
        return new Key<>(name, fallback, help, rule, parser, List.of(variable), secret);
    }

    /** The environment variable that sets it, e.g. {@code FLOWSTATE_MODELS_OFFLINE}. */
    String variable() {
        return "FLOWSTATE_" + name.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    String group() {
        return name.substring(0, name.indexOf('.'));
    }

    String shortName() {
        return name.substring(name.indexOf('.') + 1);
    }
}
