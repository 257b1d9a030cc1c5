package io.flowstate.audio;

import io.flowstate.core.FlowError;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Work beside its owner's, on a virtual thread. Its failure is kept until the owner asks. */
final class Companion {
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    private final Thread thread;
    private volatile @Nullable Throwable failure;

    private Companion(String name, Work work) {
        this.thread = Thread.ofVirtual().name(name).unstarted(() -> run(work));
    }

    static Companion start(String name, Work work) {
        Companion companion = new Companion(name, work);
        companion.thread.start();
        return companion;
    }

    private void run(Work work) {
        try {
            work.run();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** Waits until the work has ended. */
    void join() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                thread.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Throws what the work failed with, if it has failed by now. */
    void rethrow() throws IOException {
        switch (failure) {
            case null -> {}
            case FlowError e -> throw e;
            case IOException e -> throw new IOException(e.getMessage(), e);
            case Throwable e -> throw new IllegalStateException(thread.getName() + " failed", e);
        }
    }
}
