package io.flowstate.app;

import io.flowstate.core.Secret;
import io.flowstate.core.yaml.Quantities;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The kinds of values that keys have, and how each is written. */
final class KeyKinds {
    /** Leaves the choice to FlowState. */
    static final String AUTO = "auto";

    private KeyKinds() {}

    /** Text that is never shown; empty: none. */
    static Key<Optional<Secret>> secret(String name, String help) {
        return new Key<>(
                name,
                "",
                help,
                "must be one word",
                (text, from) -> Optional.of(text.strip())
                        .filter(word -> !word.isEmpty())
                        .map(Secret::new),
                List.of(),
                true);
    }

    /** Text that may be left out. */
    static Key<Optional<String>> text(String name, String help) {
        return new Key<>(
                name,
                "",
                help,
                "must be text",
                (text, from) -> Optional.of(text.strip()).filter(word -> !word.isEmpty()));
    }

    static Key<Optional<Path>> path(String name, String help) {
        return new Key<>(
                name,
                AUTO,
                help,
                "must be auto or a path",
                (text, from) -> text.equals(AUTO) ? Optional.empty() : Optional.of(from.resolve(text)));
    }

    static Key<Set<String>> words(String name, String help) {
        return new Key<>(
                name,
                "",
                help + " Separated by commas.",
                "must be words separated by commas",
                (text, from) -> Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()));
    }

    static Key<Boolean> flag(String name, String fallback, String help) {
        return new Key<>(name, fallback, help, "must be true or false", (text, from) -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    static Key<Integer> number(String name, String fallback, int min, int max, String help) {
        return new Key<>(name, fallback, help, "must be a whole number %d..%d".formatted(min, max), (text, from) ->
                (int) whole(text, min, max));
    }

    static Key<Duration> duration(String name, String fallback, String help) {
        return duration(name, fallback, help, Duration.ofMillis(1));
    }

    static Key<Duration> duration(String name, String fallback, String help, Duration least) {
        return new Key<>(name, fallback, help, "must be a duration like 30s, 5m or 250ms", (text, from) -> {
            Duration value = Quantities.duration(text);
            if (value.compareTo(least) < 0) {
                throw new IllegalArgumentException(text);
            }
            return value;
        });
    }

    static Key<Long> size(String name, String fallback, String help) {
        return new Key<>(name, fallback, help, "must be a size like 512 MiB", (text, from) -> Quantities.size(text));
    }

    static Key<URI> uri(String name, String fallback, String help) {
        return new Key<>(name, fallback, help, "must be an address like https://example.org", (text, from) -> {
            URI uri = URI.create(text.strip());
            if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
                throw new IllegalArgumentException(text);
            }
            return uri;
        });
    }

    static long whole(String text, long min, long max) {
        long value = Long.parseLong(text.replace("_", ""));
        if (value < min || value > max) {
            throw new IllegalArgumentException(text);
        }
        return value;
    }
}
