package io.flowstate.app;

import io.flowstate.core.Spelling;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The environment variables that are FlowState's own, and those that only look so: a misspelt one changes nothing, which nobody would notice. */
final class Variables {
    private static final String PREFIX = "FLOWSTATE_";

    /** Read by the command and by its launcher; those of the keys come on top. */
    private static final Set<String> OTHERS = Set.of("FLOWSTATE_CONFIG", "FLOWSTATE_HOME", "FLOWSTATE_JAVA_OPTS");

    /** Kubernetes gives every container such names and values for each service, and one may be called flowstate. */
    private static final Pattern SERVICE_NAME =
            Pattern.compile("FLOWSTATE_(\\w+_)?(SERVICE_(HOST|PORT\\w*)|PORT_\\d+_(TCP|UDP|SCTP)\\w*)");

    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    private Variables() {}

    /** A sentence without a full stop for each that is set and read by nothing, in alphabetical order. */
    static List<String> unknown(Terminal terminal) {
        Set<String> known = Keys.ALL.stream()
                .flatMap(key -> Stream.concat(Stream.of(key.variable()), key.aliases().stream()))
                .collect(Collectors.toCollection(TreeSet::new));
        known.addAll(OTHERS);
        return terminal.environment().entrySet().stream()
                .filter(variable -> variable.getKey().startsWith(PREFIX))
                .filter(variable -> !known.contains(variable.getKey()))
                .filter(variable -> !SERVICE_NAME.matcher(variable.getKey()).matches()
                        && !SERVICE_ADDRESS.matcher(variable.getValue()).matches())
                .map(Map.Entry::getKey)
                .sorted()
                .map(name -> "there is no variable %s%s"
                        .formatted(
                                name,
                                Spelling.nearest(name, known)
                                        .map("; did you mean %s?"::formatted)
                                        .orElse("")))
                .toList();
    }
}
