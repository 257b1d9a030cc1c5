package io.flowstate.engine.rewrite;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What came of the attempt to rewrite a graph on this machine. */
public sealed interface Verdict {
    /** In words, for people. */
    String summary();

    /**
     * The rewritten graph is used.
     *
     * @param rules how often each was applied, by name
     * @param decibels how far each output's difference from the original's is below it, on noise
     * @param sha256 of the rewritten file
     */
    record Rewritten(Map<String, Integer> rules, List<Double> decibels, String sha256) implements Verdict {
        public Rewritten {
            rules = Map.copyOf(rules);
            decibels = List.copyOf(decibels);
        }

        @Override
        public String summary() {
            int replaced = rules.values().stream().mapToInt(Integer::intValue).sum();
            return "rewritten for this machine: %d replacements; differs by %s dB from the original"
                    .formatted(
                            replaced,
                            decibels.stream()
                                    .map(each -> "-%.0f".formatted(each))
                                    .collect(Collectors.joining(" and ")));
        }
    }

    /** The graph is used as it was published. */
    record Kept(String why) implements Verdict {
        @Override
        public String summary() {
            return "used as published: " + why;
        }
    }

    default Properties toProperties() {
        Properties properties = new Properties();
        switch (this) {
            case Kept kept -> properties.setProperty("kept", kept.why());
            case Rewritten made -> {
                properties.setProperty("sha256", made.sha256());
                properties.setProperty(
                        "decibels",
                        made.decibels().stream().map(Object::toString).collect(Collectors.joining(" ")));
                made.rules().forEach((rule, count) -> properties.setProperty("rule." + rule, Integer.toString(count)));
            }
        }
        return properties;
    }

    /** @throws IllegalArgumentException if they are not what {@link #toProperties} makes */
    static Verdict of(Properties properties) {
        String why = properties.getProperty("kept", "");
        if (!why.isEmpty()) {
            return new Kept(why);
        }
        Map<String, Integer> rules = new TreeMap<>();
        properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith("rule."))
                .forEach(name ->
                        rules.put(name.substring("rule.".length()), Integer.valueOf(properties.getProperty(name))));
        List<Double> decibels = Stream.of(properties.getProperty("decibels", "").split(" "))
                .map(Double::valueOf)
                .toList();
        String sha256 = properties.getProperty("sha256", "");
        if (sha256.isEmpty()) {
            throw new IllegalArgumentException("no sha256");
        }
        return new Rewritten(rules, decibels, sha256);
    }
}
