package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Spelling;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Named values of a request, whether they came in the query, as form fields or as JSON. A value that does not fit its type, or is given twice with different values, is
 * the caller's mistake and names the field.
 *
 * @param types of those that came as JSON, which tells a number from text; elsewhere everything is text
 */
record Options(Map<String, List<String>> values, Map<String, Type> types) {
    private static final int MOST_CHARS = 10_000;

    Options {
        values = Map.copyOf(values);
        types = Map.copyOf(types);
    }

    /** How JSON has a value. */
    enum Type {
        TEXT("text"),
        NUMBER("a number"),
        FLAG("true or false"),
        LIST("a list");

        private final String shown;

        Type(String shown) {
            this.shown = shown;
        }
    }

    /** Gathers values; not thread-safe. */
    static final class Builder {
        private final Map<String, List<String>> values = new LinkedHashMap<>();
        private final Map<String, Type> types = new LinkedHashMap<>();

        void add(String name, String value) {
            if (value.length() > MOST_CHARS) {
                throw FlowError.of(Code.BAD_REQUEST, "%s is longer than %d characters.", name, MOST_CHARS)
                        .field(name);
            }
            values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }

        void add(String name, Type type, String value) {
            add(name, value);
            types.put(name, type);
        }

        void addAll(Options options) {
            options.values.forEach((name, all) -> all.forEach(value -> add(name, value)));
            types.putAll(options.types);
        }

        Options build() {
            return new Options(values, types);
        }
    }

    /** @throws FlowError {@link Code#BAD_REQUEST} for the first name that is not known, with the known one that is probably meant */
    void requireKnown(Collection<String> known) {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw unknown(name, known);
            }
        }
    }

    static FlowError unknown(String name, Collection<String> known) {
        return FlowError.of(Code.BAD_REQUEST, "There is no option \"%s\".", name)
                .field(name)
                .advice(
                        "%s",
                        Spelling.nearest(name, known)
                                .map("Did you mean `%s`?"::formatted)
                                .orElseGet(() -> known.isEmpty()
                                        ? "There are no options here."
                                        : "Options are: %s.".formatted(String.join(", ", known))));
    }

    Optional<String> text(String name) {
        List<String> given = values.getOrDefault(name, List.of()).stream()
                .map(String::strip)
                .distinct()
                .toList();
        if (given.size() > 1) {
            throw bad(name, "is given %d times with different values".formatted(given.size()));
        }
        if (given.contains("")) {
            throw bad(name, "must not be empty");
        }
        return given.stream().findFirst();
    }

    /** Text that is no number even where it has only digits, such as an address or a name. */
    Optional<String> string(String name) {
        requireType(name, Type.TEXT);
        return text(name);
    }

    /** The words of a comma-separated list; the option may also be repeated. */
    Optional<List<String>> words(String name) {
        return Optional.ofNullable(values.get(name))
                .map(given -> given.stream()
                        .flatMap(value -> Arrays.stream(value.split(",", -1)))
                        .map(String::strip)
                        .peek(word -> {
                            if (word.isEmpty()) {
                                throw noWords(name);
                            }
                        })
                        .toList());
    }

    static FlowError noWords(String name) {
        return bad(name, "must be one or more words, and has an empty one")
                .advice("Put commas between them, or leave `%s` out.", name);
    }

    Optional<BigDecimal> decimal(String name) {
        requireType(name, Type.NUMBER);
        return text(name).map(value -> {
            try {
                BigDecimal number = new BigDecimal(value);
                if (Math.abs((long) number.scale()) > 100 || number.precision() > 100) {
                    throw bad(name, "must be a number of reasonable size");
                }
                return number;
            } catch (NumberFormatException not) {
                throw bad(name, "must be a number, was \"%s\"".formatted(value));
            }
        });
    }

    Optional<Long> integer(String name) {
        requireType(name, Type.NUMBER);
        return text(name).map(value -> {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException not) {
                throw bad(name, "must be a whole number, was \"%s\"".formatted(value));
            }
        });
    }

    /** A whole number that an {@code int} holds. */
    Optional<Integer> small(String name) {
        return integer(name).map(value -> {
            if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
                throw bad(name, "is out of range: %d".formatted(value));
            }
            return value.intValue();
        });
    }

    boolean flag(String name) {
        requireType(name, Type.FLAG);
        return text(name)
                .map(value -> switch (value) {
                    case "true", "1" -> true;
                    case "false", "0" -> false;
                    default -> throw bad(name, "must be true or false, was \"%s\"".formatted(value));
                })
                .orElse(false);
    }

    /** A form can only send text; JSON that has text where a number belongs is a mistake that the next reader of it would not forgive. */
    private void requireType(String name, Type wanted) {
        Type given = types.getOrDefault(name, wanted);
        if (given != wanted) {
            throw bad(name, "must be %s in JSON, was %s".formatted(wanted.shown, given.shown))
                    .advice("%s", quoting(given, wanted));
        }
    }

    private static String quoting(Type given, Type wanted) {
        if (given == Type.TEXT) {
            return "Write it without quotes.";
        }
        return wanted == Type.TEXT ? "Write it in quotes." : "See /openapi.json.";
    }

    static FlowError bad(String name, String rule) {
        return FlowError.of(Code.BAD_REQUEST, "%s %s.", name, rule).field(name);
    }
}
