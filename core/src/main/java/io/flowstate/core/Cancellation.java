package io.flowstate.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries "stop" from whoever may say it (a client that left, Ctrl-C, a deadline) to whatever runs, down to a native call or a child process.
 * Thread-safe. It is said once; the first reason stays. Actions run on the thread that cancels, at once if it has already happened, and must be quick.
 */
public final class Cancellation {
    private final Object lock = new Object();
    private final List<Action> actions = new ArrayList<>();
    private volatile @Nullable FlowError reason;

    /** An action's place in the list; closing it takes the action out again. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** Not a record: the same body registered twice is two actions. */
    private static final class Action {
        private final Runnable body;

        Action(Runnable body) {
            this.body = body;
        }
    }

    /** Stops the work; what runs ends by throwing {@code why}. A second call changes nothing. */
    public void cancel(FlowError why) {
        List<Action> due;
        synchronized (lock) {
            if (reason != null) {
                return;
            }
            reason = why;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(action -> action.body.run());
    }

    public boolean isCanceled() {
        return reason != null;
    }

    /** @throws IllegalStateException if nothing has been canceled */
    public FlowError reason() {
        FlowError why = reason;
        if (why == null) {
            throw new IllegalStateException("not canceled");
        }
        return why;
    }

    /** Throws the reason if the work has been stopped. */
    public void throwIfCanceled() {
        FlowError why = reason;
        if (why != null) {
            throw why;
        }
    }

    /** Runs {@code body} when the work is stopped, unless the registration is closed before. */
    public Registration onCancel(Runnable body) {
        Action action = new Action(body);
        synchronized (lock) {
            if (reason == null) {
                actions.add(action);
                return () -> remove(action);
            }
        }
        body.run();
        return () -> {};
    }

    private void remove(Action action) {
        synchronized (lock) {
            actions.remove(action);
        }
    }
}
