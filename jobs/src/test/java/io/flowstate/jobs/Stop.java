package io.flowstate.jobs;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Where a doomed node stops: whoever first gets to the moment says so on standard output and stays there, as does everybody who gets there after. A line on standard input
 * lets them go on; its end, which comes with the death of whoever started the node, ends the process. Thread-safe.
 */
final class Stop {
    private final Optional<Moment> moment;
    private final CountDownLatch onward = new CountDownLatch(1);
    private volatile boolean told;

    private Stop(Optional<Moment> moment) {
        this.moment = moment;
    }

    /** For a process that nobody stops. */
    static Stop nowhere() {
        return new Stop(Optional.empty());
    }

    /** For a process that is somebody's child. */
    static Stop inChild(Moment moment) {
        Stop stop = new Stop(Optional.of(moment));
        Thread.ofPlatform().daemon().name("parent").start(stop::listen);
        return stop;
    }

    private void listen() {
        try {
            while (System.in.read() >= 0) {
                onward.countDown();
            }
        } catch (IOException gone) {
            say("the parent is gone");
        }
        Runtime.getRuntime().halt(1);
    }

    boolean isAt(Moment here) {
        return moment.filter(here::equals).isPresent();
    }

    /** Whether the moment has come. */
    boolean hasCome() {
        return told;
    }

    /** Whether those who stood here have been let go. */
    boolean isPassed() {
        return onward.getCount() == 0;
    }

    /** Stays here if this is the moment. */
    void at(Moment here) {
        if (!isAt(here)) {
            return;
        }
        tell(here);
        try {
            onward.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says that this is the moment, and goes on. */
    synchronized void tell(Moment here) {
        if (!told) {
            told = true;
            say("at " + here.words());
        }
    }

    @SuppressWarnings("SystemOut") // the pipe to whoever started the process
    static void say(String line) {
        System.out.println(line);
    }
}
