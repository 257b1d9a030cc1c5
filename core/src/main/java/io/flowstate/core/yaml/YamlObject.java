package io.flowstate.core.yaml;

import io.flowstate.core.FlowError;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML mapping that is read key by key into a record. A value that is missing or wrong goes to {@link Problems} and a stand-in is returned, so that reading goes on
 * and every mistake is found; whoever reads calls {@link Problems#throwIfAny} at the end and {@link #done} for each mapping, which reports the keys that nobody asked for.
 * Not thread-safe.
 */
public final class YamlObject {
    private final MappingNode node;
    private final String path;
    private final Problems problems;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Map<String, Node> keys = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();

    private YamlObject(MappingNode node, String path, Problems problems) {
        this.node = node;
        this.path = path;
        this.problems = problems;
        for (NodeTuple entry : node.getValue()) {
            values.put(YamlDocument.key(entry), entry.getValueNode());
            keys.put(YamlDocument.key(entry), entry.getKeyNode());
        }
    }

    /**
     * Reads one document; an empty one is an empty mapping.
     *
     * @param name file name for messages
     */
    public static YamlObject parse(String name, String text, Problems problems) {
        return new YamlObject(YamlDocument.parse(name, text, problems), "", problems);
    }

    /** This mapping with another laid over it: mappings merge key by key, everything else is replaced. */
    public YamlObject overlaidBy(YamlObject over) {
        return new YamlObject(YamlDocument.merge(node, over.node), path, problems);
    }

    public Optional<String> text(String key) {
        return scalar(key).map(ScalarNode::getValue);
    }

    /** A text of at least one visible character. */
    public String requiredText(String key) {
        Optional<String> text = required(key, text(key));
        if (text.filter(String::isBlank).isPresent()) {
            problem(key, "must not be empty");
        }
        return text.orElse("");
    }

    public Optional<Boolean> flag(String key) {
        return converted(key, "must be true or false", text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    public boolean requiredFlag(String key) {
        return required(key, flag(key)).orElse(false);
    }

    public Optional<Long> integer(String key, long min, long max) {
        return converted(key, "must be a whole number %d..%d".formatted(min, max), text -> {
            long value = Long.parseLong(text.replace("_", ""));
            if (value < min || value > max) {
                throw new IllegalArgumentException(text);
            }
            return value;
        });
    }

    public Optional<BigDecimal> decimal(String key, long min, long max) {
        return converted(key, "must be a number %d..%d".formatted(min, max), text -> {
            BigDecimal value = new BigDecimal(text);
            if (value.compareTo(BigDecimal.valueOf(min)) < 0 || value.compareTo(BigDecimal.valueOf(max)) > 0) {
                throw new IllegalArgumentException(text);
            }
            return value;
        });
    }

    public Optional<Duration> duration(String key) {
        return converted(key, "must be a duration like 30s, 5m or 250ms", Quantities::duration);
    }

    /** Bytes, written like {@code 512 MiB}. */
    public Optional<Long> size(String key) {
        return converted(key, "must be a size like 512 MiB", Quantities::size);
    }

    public Optional<LocalDate> date(String key) {
        return converted(key, "must be a date like 2026-01-31", LocalDate::parse);
    }

    /** A value that {@code parse} understands; a {@link FlowError} of it becomes the problem's text. */
    public <T> Optional<T> value(String key, Function<String, T> parse) {
        return converted(key, "is not valid", parse);
    }

    public <T> Optional<T> requiredValue(String key, Function<String, T> parse) {
        return required(key, value(key, parse));
    }

    /** A list of words; a single word counts as a list of one. */
    public List<String> words(String key) {
        return list(key, word -> word);
    }

    /** A list of values that {@code parse} understands, each mistake reported at its item; a single value counts as a list of one. */
    public <T> List<T> list(String key, Function<String, T> parse) {
        Node value = values.get(key);
        List<T> list = new ArrayList<>();
        for (Node item : value instanceof ScalarNode && !isNull(value) ? List.of(value) : items(key)) {
            if (item instanceof ScalarNode word && !isNull(word)) {
                parsed(word, key, "is not valid", parse).ifPresent(list::add);
            } else {
                problems.add(item, at(key), "must be a list of words");
            }
        }
        asked.add(key);
        return list;
    }

    /** Passes a value on that was read from {@code key}, and reports the key as missing if nothing stands there. */
    public <T> Optional<T> required(String key, Optional<T> value) {
        if (!has(key)) {
            problem(key, "is missing");
        }
        return value;
    }

    /** The mapping under a key; an empty one when the key is absent. */
    public YamlObject object(String key) {
        asked.add(key);
        Node value = values.get(key);
        if (value instanceof MappingNode mapping) {
            return new YamlObject(mapping, at(key), problems);
        }
        if (value != null && !isNull(value)) {
            problems.add(value, at(key), "must be a mapping of keys to values");
        }
        Node near = value == null ? node : value;
        return new YamlObject(YamlDocument.emptyAt(near.getStartMark()), at(key), problems);
    }

    /** Every entry of the mapping under a key, each a mapping itself, by its key. */
    public Map<String, YamlObject> objects(String key) {
        YamlObject group = object(key);
        Map<String, YamlObject> entries = new LinkedHashMap<>();
        group.values.keySet().forEach(name -> entries.put(name, group.object(name)));
        return entries;
    }

    public List<YamlObject> objectList(String key) {
        List<YamlObject> list = new ArrayList<>();
        int index = 0;
        for (Node item : items(key)) {
            String at = "%s[%d]".formatted(at(key), index++);
            if (item instanceof MappingNode mapping) {
                list.add(new YamlObject(mapping, at, problems));
            } else {
                problems.add(item, at, "must be a mapping of keys to values");
            }
        }
        return list;
    }

    /** Whether something stands under the key; {@code key:} alone is nothing. */
    public boolean has(String key) {
        Node value = values.get(key);
        return value != null && !isNull(value);
    }

    public Set<String> keys() {
        return Set.copyOf(values.keySet());
    }

    /** Where the key's value stands, as {@code file:line:column}. */
    public Optional<String> place(String key) {
        return Optional.ofNullable(values.get(key)).map(Problems::place);
    }

    /** Reports a mistake at a key's value, or at the mapping when the key is absent. */
    public void problem(String key, String what) {
        problems.add(values.getOrDefault(key, node), at(key), what);
    }

    /** Reports a mistake of the mapping as a whole. */
    public void problem(String what) {
        problems.add(node, path, what);
    }

    /** Call when everything has been read: whatever was not asked for is reported as unknown. */
    public void done() {
        for (String key : values.keySet()) {
            Node name = keys.get(key);
            if (!asked.contains(key) && name != null) {
                problems.add(name, at(key), "is not known" + Problems.hint(key, asked));
            }
        }
    }

    private <T> Optional<T> converted(String key, String rule, Function<String, T> parse) {
        return scalar(key).flatMap(value -> parsed(value, key, rule, parse));
    }

    private <T> Optional<T> parsed(ScalarNode value, String key, String rule, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(value.getValue()));
        } catch (FlowError wrong) {
            problems.add(
                    value,
                    at(key),
                    wrong.message() + wrong.advice().map(" "::concat).orElse(""));
        } catch (IllegalArgumentException | DateTimeParseException | ArithmeticException wrong) {
            problems.add(value, at(key), "%s, was \"%s\"".formatted(rule, value.getValue()));
        }
        return Optional.empty();
    }

    private Optional<ScalarNode> scalar(String key) {
        asked.add(key);
        Node value = values.get(key);
        if (value == null || isNull(value)) {
            return Optional.empty();
        }
        if (value instanceof ScalarNode scalar) {
            return Optional.of(scalar);
        }
        problems.add(value, at(key), "must be a single value");
        return Optional.empty();
    }

    private List<Node> items(String key) {
        asked.add(key);
        Node value = values.get(key);
        if (value instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        if (value != null && !isNull(value)) {
            problems.add(value, at(key), "must be a list");
        }
        return List.of();
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static boolean isNull(Node value) {
        return value.getTag().equals(Tag.NULL);
    }
}
