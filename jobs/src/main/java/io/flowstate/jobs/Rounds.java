package io.flowstate.jobs;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does something again and again, with a pause after each time, on a virtual thread of its own until it is closed. What fails is done again in the next round. */
final class Rounds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Rounds.class);

    /** What is done. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private final Duration pause;
    private final Step step;
    private final Thread thread;
    /** Apart from the interruption, which a step may swallow. */
    private final CountDownLatch closed = new CountDownLatch(1);

    private Rounds(String name, Duration pause, Step step) {
        this.pause = pause;
        this.step = step;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    static Rounds start(String name, Duration pause, Step step) {
        Rounds rounds = new Rounds(name, pause, step);
        rounds.thread.start();
        return rounds;
    }

    private void run() {
        try {
            do {
                attempt();
            } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void attempt() {
        try {
            step.run();
        } catch (IOException | RuntimeException failed) {
            log.warn("{} failed; the next round tries again", thread.getName(), failed);
        }
    }

    /** Waits for a round that is under way. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
