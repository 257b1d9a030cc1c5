package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * One run of another program: no input, output and errors in one stream of which the tail is kept, killed with all its children when the pull is stopped or when it shows no
 * life. The calling thread waits; a virtual thread reads the output.
 */
final class ChildProcess {
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration GRACE = Duration.ofMillis(300);

    private final Process process;
    private final Tail tail = new Tail();
    private final Thread reader;
    private final Set<ProcessHandle> family = new HashSet<>();

    private ChildProcess(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().name("output-of-" + process.pid()).start(() -> read(process, tail));
    }

    /** @param output the last of what was said, standard output and errors together */
    record Outcome(int exitCode, String output) {}

    /**
     * @param temporary where the program may leave what it needs on its way: on the disk that was asked for room, and swept with the pull
     * @param environment laid over this process's own where a name is not set there
     * @throws IOException when the program cannot be started
     */
    static ChildProcess start(List<String> command, Path folder, Path temporary, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.PIPE);
        environment.forEach(builder.environment()::putIfAbsent);
        builder.environment().put("TMPDIR", temporary.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        return new ChildProcess(process);
    }

    /**
     * Waits for the end.
     *
     * @param growth bytes written so far, asked about ten times a second; it may report progress
     * @throws FlowError the cancellation's reason, or that the program was silent for too long
     */
    Outcome await(LongSupplier growth, Duration silenceLimit, Clock clock, Cancellation cancellation) {
        try (Cancellation.Registration _ = cancellation.onCancel(this::askToStop)) {
            Instant lastLife = clock.instant();
            long lastSeen = -1;
            while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                cancellation.throwIfCanceled();
                long seen = growth.getAsLong() + tail.length();
                if (seen != lastSeen) {
                    lastSeen = seen;
                    lastLife = clock.instant();
                } else if (Duration.between(lastLife, clock.instant()).compareTo(silenceLimit) > 0) {
                    throw FlowError.of(
                                    Code.MODEL_UNAVAILABLE,
                                    "the client neither wrote nor said anything for %d s and was stopped.",
                                    silenceLimit.toSeconds())
                            .advice("Check the network and try again.");
                }
            }
            cancellation.throwIfCanceled();
            reader.join(GRACE);
            return new Outcome(process.exitValue(), tail.text());
        } catch (InterruptedException interrupted) {
            throw Pause.interrupted(interrupted);
        } finally {
            kill();
        }
    }

    /** Who belongs to it is remembered: once a process has ended, the system no longer knows its children from others. By the time of {@link #kill} no other thread calls this. */
    private void askToStop() {
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).forEach(family::add);
        family.forEach(ProcessHandle::destroy);
    }

    /** A client cleans up when it is asked to stop; one that does not listen is killed, and its children with it. */
    private void kill() {
        askToStop();
        try {
            process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        family.forEach(ProcessHandle::destroyForcibly);
    }

    private static void read(Process process, Tail tail) {
        byte[] buffer = new byte[1 << 13];
        try (InputStream output = process.getInputStream()) {
            for (int length = output.read(buffer); length >= 0; length = output.read(buffer)) {
                tail.add(new String(buffer, 0, length, Charset.defaultCharset()));
            }
        } catch (IOException closed) {
            tail.add("");
        }
    }

    /** The end of a text that may be long. Written by one thread, read by another. */
    private static final class Tail {
        private static final int KEPT = 1 << 14;
        private final StringBuilder text = new StringBuilder();
        private long length;

        synchronized void add(String more) {
            text.append(more);
            length += more.length();
            if (text.length() > KEPT) {
                text.delete(0, text.length() - KEPT);
            }
        }

        synchronized long length() {
            return length;
        }

        synchronized String text() {
            return text.toString();
        }
    }
}
