package io.flowstate.storage;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * News of committed changes, from every node to every node. They say that it is worth looking, never what there is to see: one may come twice, or be missed while the
 * database is out of reach, after which {@link #ANYTHING} comes. Thread-safe.
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

    /** @param listener is called on a thread that is not its own with each topic; must be quick and must not throw */
    public Subscription listen(Consumer<String> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void tell(String topic) {
        listeners.forEach(listener -> listener.accept(topic));
    }
}
