package io.flowstate.core;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries "stop" from whoever may say it (a client that left, Ctrl-C, a deadline) to whatever runs, down to a native call or a child process.
 * Thread-safe. It is said once; the first reason stays. Actions run on the thread that cancels, at once if it has already happened, and must be quick.
 */
public final class Cancellation {
    private final Object lock = new Object();
    private final Set<Action> waiting = new LinkedHashSet<>();
    private volatile @Nullable FlowError reason;

    /** An action's place in the list. */
    public interface Registration extends AutoCloseable {
        /**
         * Takes the action out. If another thread is just running it, this waits for its end: afterwards the action does not run and never will, so what it touches (a
         * native handle, say) may be freed.
         */
        @Override
        void close();
    }

    /** Runs at most once, and never after it is closed: both take its monitor, which is held while the body runs. */
    private final class Action implements Registration {
        private @Nullable Runnable body;

        Action(Runnable body) {
            this.body = body;
        }

        synchronized void run() {
            Runnable due = body;
            body = null;
            if (due != null) {
                due.run();
            }
        }

        @Override
        public void close() {
            synchronized (lock) {
                waiting.remove(this);
            }
            synchronized (this) {
                body = null;
            }
        }
    }

    /**
     * Stops the work; what runs ends by throwing {@code why}. A second call changes nothing.
     *
     * @throws RuntimeException the first that an action threw, after all of them have run
     */
    public void cancel(FlowError why) {
        List<Action> due;
        synchronized (lock) {
            if (reason != null) {
                return;
            }
            reason = why;
            due = List.copyOf(waiting);
            waiting.clear();
        }
        runAll(due);
    }

    public boolean isCanceled() {
        return reason != null;
    }

    /**
     * Why the work was stopped.
     *
     * @throws IllegalStateException if it was not
     */
    public FlowError reason() {
        FlowError why = reason;
        if (why == null) {
            throw new IllegalStateException("not canceled");
        }
        return why.thrownHere();
    }

    /** Throws the reason if the work has been stopped. */
    public void throwIfCanceled() {
        if (isCanceled()) {
            throw reason();
        }
    }

    /** Runs {@code body} when the work is stopped, unless the registration is closed before. */
    public Registration onCancel(Runnable body) {
        Action action = new Action(body);
        synchronized (lock) {
            if (reason == null) {
                waiting.add(action);
                return action;
            }
        }
        action.run();
        return action;
    }

    /** One action that fails must not keep the others from stopping what they are there to stop. */
    private static void runAll(List<Action> due) {
        RuntimeException first = null;
        for (Action action : due) {
            try {
                action.run();
            } catch (RuntimeException fault) {
                first = first == null ? fault : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
