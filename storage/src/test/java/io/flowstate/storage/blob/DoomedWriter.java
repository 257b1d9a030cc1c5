package io.flowstate.storage.blob;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.BlobStore.Writer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A process of its own that writes blobs until it is killed. Each blob has one byte over and over, and the length that belongs to its number. */
final class DoomedWriter {
    private static final int MOST_BYTES = 9 << 20;

    private final Process process;
    private final BufferedReader told;

    private DoomedWriter(Process process) {
        this.process = process;
        this.told = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** @param where {@code disk} and a folder, or {@code s3} and a port of this machine */
    static DoomedWriter start(String... where) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                DoomedWriter.class.getName()));
        command.addAll(List.of(where));
        return new DoomedWriter(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** What it says next: {@code begun n} when the blob is written but not committed, {@code done n} when it is. */
    String next() throws IOException {
        String line = told.readLine();
        if (line == null) {
            throw new IOException("the writer died of itself");
        }
        return line;
    }

    /** As by kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    static String key(int number) {
        return "doomed/%06d".formatted(number);
    }

    static byte[] bytes(int number) {
        byte[] bytes = new byte[number == 0 ? MOST_BYTES : number * 7919 % 100_000];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    static void main(String[] where) throws IOException {
        BlobStore store = where[0].equals("disk")
                ? new DiskBlobs(Path.of(where[1]))
                : new S3Blobs(TestBucket.config(Integer.parseInt(where[1]), "", Duration.ofSeconds(30)));
        for (int number = 0; ; number++) {
            try (Writer writer = store.create(key(number))) {
                writer.write(bytes(number));
                writer.flush();
                say("begun", number);
                writer.commit();
                say("done", number);
            }
        }
    }

    @SuppressWarnings("SystemOut") // the pipe to the test
    private static void say(String what, int number) {
        System.out.println(what + " " + number);
    }
}
