package io.flowstate.server;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The node that a server speaks for.
 *
 * @param checks what has to hold, besides the server's own affairs, for the node to do its work
 */
public record Node(Set<Role> roles, List<Check> checks) {
    /** One that does everything and depends on nothing. */
    public static final Node ALONE = new Node(Set.of(Role.API, Role.WORKER), List.of());

    public Node {
        roles = Set.copyOf(roles);
        checks = List.copyOf(checks);
    }

    /**
     * Something that may be in the way.
     *
     * @param name one word
     * @param obstacle what is in the way, as a sentence, if anything is; may block, and may throw
     */
    public record Check(String name, Supplier<Optional<String>> obstacle) {}

    boolean has(Role role) {
        return roles.contains(role);
    }
}
