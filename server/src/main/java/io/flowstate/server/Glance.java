package io.flowstate.server;

import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A look at something that may be slow to show itself: taken on a virtual thread of its own, and by one caller for all who ask meanwhile. Thread-safe. */
final class Glance<T> {
    private final String name;
    private final Supplier<T> look;
    private @Nullable FutureTask<T> last;

    /** @param name for the thread's */
    Glance(String name, Supplier<T> look) {
        this.name = name;
        this.look = look;
    }

    /** Takes a look, unless one is under way; gives that which is then under way. */
    synchronized FutureTask<T> begin() {
        FutureTask<T> current = last;
        if (current == null || current.isDone()) {
            current = new FutureTask<>(look::get);
            Thread.ofVirtual().name("look-at-" + name).start(current);
            last = current;
        }
        return current;
    }
}
