package io.flowstate.core.yaml;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
        return nearest(typed, known)
                .map("; did you mean %s?"::formatted)
                .orElse(known.isEmpty() ? "" : "; known here: " + String.join(", ", known));
    }

    /** The known word that is nearest to a mistyped one, if one is near enough to be meant. */
    public static Optional<String> nearest(String typed, Collection<String> known) {
        return known.stream()
                .filter(word -> distance(typed, word) <= Math.max(1, typed.length() / 3))
                .min(Comparator.comparingInt((String word) -> distance(typed, word))
                        .thenComparing(word -> word));
    }

    /** How many letters must be typed, left out, exchanged, or swapped with their neighbour, to get from one word to the other. */
    static int distance(String a, String b) {
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int exchange = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                edits[i][j] = Math.min(exchange, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[a.length()][b.length()];
    }
}
