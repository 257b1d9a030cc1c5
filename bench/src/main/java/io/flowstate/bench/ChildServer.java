package io.flowstate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A server in a JVM of its own: it prints its port as its first line and ends when its input does. */
final class ChildServer implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;
    private final Path log;
    private final int port;

    /** @param log where its error stream goes */
    ChildServer(Class<?> main, List<String> options, List<String> arguments, Path log) throws IOException {
        this.log = log;
        process = new ProcessBuilder(Checkout.java(options, main, arguments))
                .redirectError(log.toFile())
                .start();
        said = process.inputReader(StandardCharsets.UTF_8);
        String first = said.readLine();
        if (first == null) {
            throw new IOException(main.getSimpleName() + " did not start; " + Files.readString(log));
        }
        port = Integer.parseInt(first);
    }

    int port() {
        return port;
    }

    /** Has a program that {@linkplain Laps#serve serves laps} do so much work, and returns when it is done. */
    void lap(int count) throws IOException {
        Writer to = process.outputWriter(StandardCharsets.UTF_8);
        to.write(count + "\n");
        to.flush();
        if (said.readLine() == null) {
            throw new IOException("it ended in the middle of its work; " + Files.readString(log));
        }
    }

    /** Processor time so far, in steps of 10 ms. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    long pid() {
        return process.pid();
    }

    long peakRssBytes() throws IOException {
        return PeakMemory.bytes(process.pid());
    }

    /** Stops it. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            process.waitFor();
            said.close();
        } catch (IOException broken) {
            process.destroyForcibly();
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
