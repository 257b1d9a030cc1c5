package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.Database;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;

/** A process of its own that takes an upload in, part after part, until it is killed. */
final class DoomedUploader {
    static final UploadsConfig CONFIG = new UploadsConfig(1L << 40, Duration.ofHours(24), 1L << 40);
    private static final int STEP = 1 << 20;
    /** Of a part, in steps: more than a piece, so that one ends inside. */
    private static final int STEPS = 11;

    private final Process process;
    private final BufferedReader told;

    private DoomedUploader(Process process) {
        this.process = process;
        this.told = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    static DoomedUploader start(Path folder, String upload) throws IOException {
        return new DoomedUploader(new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DoomedUploader.class.getName(),
                        folder.toString(),
                        upload)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    static Database database(Path folder) {
        return Databases.sqlite(folder);
    }

    static BlobStore blobs(Path folder) {
        try {
            return new DiskBlobs(folder.resolve("blobs"));
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    /** The next thing it says: how many bytes it was told are kept. It says so also between, when nothing new is. */
    long next() throws IOException {
        String line = told.readLine();
        if (line == null) {
            throw new IOException("the process died of itself");
        }
        return Long.parseLong(line);
    }

    /** As by kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** What the upload has from a position on. */
    static byte[] bytes(long position, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            long at = position + i;
            bytes[i] = (byte) (at * 31 + (at >>> 13));
        }
        return bytes;
    }

    static void main(String[] args) {
        Path folder = Path.of(args[0]);
        Uploads uploads = new Uploads(database(folder), blobs(folder), CONFIG, new SecureRandom());
        while (true) {
            long offset = uploads.find("", args[1]).offset();
            try (UploadAppend append = uploads.append("", args[1], offset, Optional.empty())) {
                for (int step = 0; step < STEPS; step++) {
                    append.write(bytes(offset + (long) step * STEP, STEP), 0, STEP);
                    say(uploads.find("", args[1]).offset());
                }
                say(append.finish().offset());
            }
        }
    }

    @SuppressWarnings("SystemOut") // the pipe to the test
    private static void say(long offset) {
        System.out.println(offset);
    }
}
