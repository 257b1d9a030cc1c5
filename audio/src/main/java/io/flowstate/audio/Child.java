package io.flowstate.audio;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One run of ffmpeg or ffprobe: its pipes, its limits, and its certain end.
 *
 * <p>Threads: one may read, another may write; {@link #close} may be called by any. Two virtual threads accompany the program: one empties its error output, one
 * wakes a few times a second and stops it when it has used up its processor time, or when it is stuck: somebody waits for its output while its input is either
 * complete or waits to be taken. (Waiting alone proves nothing: an encoder is silent as long as its caller has no samples for it, and a decoder blocks when
 * its caller is busy elsewhere.)
 *
 * <p>A program outlives a killed JVM only for a moment: its pipes close with the JVM, and it ends at the next byte that it wants to read or write, or at the system's
 * limit of processor time. (Linux could kill it along with its parent, but takes the thread that started it for the parent, and threads here come and go.)
 *
 * <p>The first reason to stop it stays: the cancellation's, a limit, or {@link #close}; {@link #awaitExit} throws it. The program sees none of this process's
 * environment, since it parses what strangers made.
 */
final class Child implements AutoCloseable {
    private static final int PULSE_MILLIS = 200;
    private static final long NOT_WAITING = Long.MAX_VALUE;
    private static final int CANNOT_LOAD = 127;

    private final FfmpegTools tools;
    private final Process process;
    private final boolean fedByCaller;
    private final Complaint complaint = new Complaint();
    private final AtomicReference<@Nullable FlowError> stopped = new AtomicReference<>();
    private final Cancellation.Registration registration;
    private final Companion errorReader;
    private final Companion watch;

    /** Times of {@link System#nanoTime} since which a caller waits at that pipe. Input that is complete waits from then on. */
    private volatile long readingSince = NOT_WAITING;

    private volatile long writingSince;

    private Child(FfmpegTools tools, Process process, boolean fedByCaller, Cancellation cancellation) {
        this.tools = tools;
        this.process = process;
        this.fedByCaller = fedByCaller;
        this.writingSince = fedByCaller ? NOT_WAITING : System.nanoTime();
        this.errorReader = Companion.start("ffmpeg-errors", () -> complaint.readAll(process.getErrorStream()));
        this.watch = Companion.start("ffmpeg-watch", this::watch);
        this.registration = cancellation.onCancel(() -> stop(cancellation.reason()));
    }

    /** Starts a program that reads {@code file} as its seekable standard input. */
    static Child reading(FfmpegTools tools, Path program, List<String> options, Path file, Cancellation cancellation) {
        if (!Files.isReadable(file)) {
            throw FlowError.of(Code.AUDIO_UNREADABLE, "The file could not be read.")
                    .advice("Check that it exists and may be read.");
        }
        return start(tools, program, options, Redirect.from(file.toFile()), cancellation);
    }

    /** Starts ffmpeg with a standard input that the caller writes. */
    static Child fed(FfmpegTools tools, List<String> options, Cancellation cancellation) {
        return start(tools, tools.ffmpeg(), options, Redirect.PIPE, cancellation);
    }

    private static Child start(
            FfmpegTools tools, Path program, List<String> options, Redirect input, Cancellation cancellation) {
        cancellation.throwIfCanceled();
        if (!Files.isExecutable(program)) {
            throw missing(program);
        }
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", bounded(tools), program.toString()));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(input);
        keepOnlyLibraryPath(builder.environment(), program);
        try {
            return new Child(tools, builder.start(), input.equals(Redirect.PIPE), cancellation);
        } catch (IOException e) {
            throw missing(program).causedBy(e);
        }
    }

    private static FlowError missing(Path program) {
        return FlowError.of(Code.TOOL_MISSING, "The program %s could not be started.", program.getFileName())
                .advice("Run \"flowstate doctor\": it says where ffmpeg is looked for and how to name another one.");
    }

    /**
     * A shell that becomes the program, bounded by the system itself: in kibibytes of address space, of which our runs take less than an eighth, and in seconds of
     * processor time, which count even when nobody is left to watch. A system that knows no such limit, or has a lower one, is left as it is.
     */
    private static String bounded(FfmpegTools tools) {
        return "ulimit -v 2097152 2>/dev/null; ulimit -t %d 2>/dev/null; exec \"$0\" \"$@\""
                .formatted(tools.cpuLimit().toSeconds() + 2);
    }

    /** The libraries lie beside the program, and some of them find each other only by this path. */
    private static void keepOnlyLibraryPath(Map<String, String> environment, Path program) {
        String inherited = environment.get("LD_LIBRARY_PATH");
        Path folder = program.toAbsolutePath().getParent();
        environment.clear();
        environment.put("LD_LIBRARY_PATH", inherited == null ? String.valueOf(folder) : folder + ":" + inherited);
    }

    /** Reads from the program's output; -1 at its end, whatever the reason. */
    int read(byte[] into, int offset, int length) {
        InputStream output = process.getInputStream();
        readingSince = System.nanoTime();
        try {
            return output.read(into, offset, length);
        } catch (IOException closed) {
            return -1;
        } finally {
            readingSince = NOT_WAITING;
        }
    }

    /** @throws IOException if the program has ended; {@link #awaitExit} may know why */
    void write(byte[] bytes, int offset, int length) throws IOException {
        OutputStream input = process.getOutputStream();
        writingSince = System.nanoTime();
        try {
            input.write(bytes, offset, length);
            input.flush();
        } finally {
            writingSince = NOT_WAITING;
        }
    }

    /** Says that no more input comes. */
    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyGone) {
            // Nothing was left to be taken; how the program ended is for awaitExit to say.
        }
        writingSince = System.nanoTime();
    }

    /**
     * Waits for the program's end.
     *
     * @return its exit status; above 128 when it crashed
     * @throws FlowError why it was stopped, if it was; or {@code TOOL_MISSING} if it could not be loaded
     */
    int awaitExit() {
        readingSince = System.nanoTime();
        awaitEnd();
        FlowError why = stopped.get();
        if (why != null) {
            throw why;
        }
        if (process.exitValue() == CANNOT_LOAD) {
            throw FlowError.of(Code.TOOL_MISSING, "ffmpeg does not start: %s", complaint())
                    .advice(
                            "Install what it misses, or name another ffmpeg in the configuration; see \"flowstate doctor\".");
        }
        return process.exitValue();
    }

    /** What the program said of its failure: one line, fit for a user. Complete once it has ended. */
    String complaint() {
        errorReader.join();
        return complaint.sentence();
    }

    @Override
    public void close() {
        stop(FlowError.of(Code.CANCELED, "The audio was closed before its end."));
        awaitEnd();
        watch.join();
        errorReader.join();
        registration.close();
        closeQuietly(process.getOutputStream());
        closeQuietly(process.getInputStream());
    }

    private void stop(FlowError why) {
        if (process.isAlive()) {
            stopped.compareAndSet(null, why);
            process.destroyForcibly();
        }
    }

    private void watch() throws IOException {
        try {
            while (!process.waitFor(PULSE_MILLIS, MILLISECONDS)) {
                if (cpu().compareTo(tools.cpuLimit()) > 0) {
                    stop(overLimit("it took more processor time than", tools.cpuLimit()));
                } else if (isStuckFor(tools.stallLimit())) {
                    stop(overLimit("nothing came for", tools.stallLimit()));
                }
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private boolean isStuckFor(Duration limit) {
        long reading = readingSince;
        long writing = writingSince;
        if (reading == NOT_WAITING || writing == NOT_WAITING) {
            return false;
        }
        long now = System.nanoTime();
        return Math.min(now - reading, now - writing) > limit.toNanos();
    }

    /** A strange file can keep a decoder busy for ever; what an encoder or a rate change is fed is our own. */
    private FlowError overLimit(String what, Duration limit) {
        double seconds = limit.toMillis() / 1000.0;
        return fedByCaller
                ? FlowError.of(Code.INTERNAL_ERROR, "ffmpeg was stopped: %s %.1f s.", what, seconds)
                : FlowError.of(Code.AUDIO_UNREADABLE, "Decoding was stopped: %s %.1f s.", what, seconds)
                        .advice("Convert the file to WAV or FLAC and send that.");
    }

    private void awaitEnd() {
        boolean interrupted = false;
        while (true) {
            try {
                process.waitFor();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                process.destroyForcibly();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(AutoCloseable pipe) {
        try {
            pipe.close();
        } catch (Exception brokenPipe) {
            // The program is gone; there is nobody left for what was still buffered.
        }
    }
}
