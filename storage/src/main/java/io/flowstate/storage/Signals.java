package io.flowstate.storage;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * News of committed changes, from every node to every node. They say that it is worth looking, never what there is to see: one may come twice, or be missed while the
 * database is out of reach, after which {@link #ANYTHING} comes, or never come because the node that would have told it died after its commit. Whoever waits for a change must
 * look now and then. Listeners on the node that has committed have been told when the call that committed returns; those on other nodes are told soon after. Thread-safe.
 */
public final class Signals {
    /** Said when news may have been missed. */
    public static final String ANYTHING = "*";

    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    /** Ends when it is closed. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** @param listener is called with each topic on the thread of whoever has committed, or one that listens for other nodes; must be quick and must not throw */
    public Subscription listen(Consumer<String> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void tell(String topic) {
        listeners.forEach(listener -> listener.accept(topic));
    }
}
