package io.flowstate.core.yaml;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** The mistakes found in configuration files, gathered so that one run tells them all. Not thread-safe. */
public final class Problems {
    private final List<String> found = new ArrayList<>();

    /** @param key dotted path of the value that is wrong */
    void add(Node at, String key, String what) {
        found.add("%s %s: %s".formatted(place(at), key, what));
    }

    /** For mistakes that have no place in a file, such as an environment variable's. */
    public void add(String what) {
        found.add(what);
    }

    public List<String> all() {
        return List.copyOf(found);
    }

    /** @throws FlowError {@link Code#BAD_CONFIG} with one problem a line, if there are any */
    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw FlowError.of(Code.BAD_CONFIG, "%s", String.join("\n", found))
                    .advice("Correct the %s above; nothing was started.", found.size() == 1 ? "line" : "lines");
        }
    }

    static String place(Node at) {
        return at.getStartMark().map(Problems::place).orElse("-");
    }

    static String place(Mark mark) {
        return "%s:%d:%d".formatted(mark.getName(), mark.getLine() + 1, mark.getColumn() + 1);
    }

    /** What to say after a word that is not known: the one that was meant, or else all that there are. */
    public static String hint(String typed, Collection<String> known) {
        return Spelling.nearest(typed, known)
                .map("; did you mean %s?"::formatted)
                .orElse(known.isEmpty() ? "" : "; known here: " + String.join(", ", known));
    }
}
