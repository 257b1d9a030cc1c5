package io.flowstate.storage;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** A transaction under way; used by the thread that runs it, and no longer than it runs. */
public final class Tx {
    private final Handle handle;
    private final Set<String> topics = new LinkedHashSet<>();

    Tx(Handle handle) {
        this.handle = handle;
    }

    /** Runs statements in this transaction. */
    public Handle sql() {
        return handle;
    }

    /**
     * Tells every node, once this has been committed, that something changed; see {@link Signals}.
     *
     * @param topic a word of ASCII: it has no spaces
     */
    public void signal(String topic) {
        topics.add(topic);
    }

    Set<String> topics() {
        return topics;
    }
}
