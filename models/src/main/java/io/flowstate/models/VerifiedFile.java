package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model.ModelFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A model file that is being written: hashed as it comes, refused as soon as it is longer than the catalogue says, and good only after {@link #seal}. Used by one thread.
 * Failures of the disk leave as {@link FlowError}, so that an {@link IOException} seen by the caller is always the sender's.
 */
final class VerifiedFile implements AutoCloseable {
    static final int BUFFER_BYTES = 1 << 16;

    private final Path path;
    private final ModelFile expected;
    private final Quarantine quarantine;
    private final Meter meter;
    private final FileChannel out;
    private final MessageDigest digest = sha256();
    private long written;

    private VerifiedFile(Path path, ModelFile expected, Quarantine quarantine, Meter meter) {
        this.path = path;
        this.expected = expected;
        this.quarantine = quarantine;
        this.meter = meter;
        try {
            Files.createDirectories(Disk.parent(path));
            this.out = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException failed) {
            throw Disk.failure(failed, path);
        }
    }

    /** Starts an empty file, in place of one that may be there. */
    static VerifiedFile create(Path path, ModelFile expected, Pull pull) {
        VerifiedFile file = new VerifiedFile(path, expected, pull.quarantine(), pull.meter());
        file.restart();
        return file;
    }

    /**
     * Goes on with what an earlier try has left, hashing it first. One byte at least is left to fetch: so that a server can always answer the request for the rest.
     */
    static VerifiedFile resume(Path path, ModelFile expected, Pull pull) {
        VerifiedFile file = new VerifiedFile(path, expected, pull.quarantine(), pull.meter());
        try {
            long kept = Math.min(file.out.size(), expected.sizeBytes() - 1);
            file.out.truncate(kept);
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            while (file.out.read(buffer) >= 0) {
                pull.cancellation().throwIfCanceled();
                file.digest.update(buffer.flip());
                buffer.clear();
            }
            file.written = kept;
            file.meter.add(kept);
            return file;
        } catch (IOException failed) {
            file.close();
            throw Disk.failure(failed, path);
        } catch (RuntimeException stopped) {
            file.close();
            throw stopped;
        }
    }

    long written() {
        return written;
    }

    boolean isWhole() {
        return written == expected.sizeBytes();
    }

    /** @throws FlowError {@code MODEL_CORRUPT} when more comes than the catalogue announces */
    void write(byte[] bytes, int length) {
        if (written + length > expected.sizeBytes()) {
            throw Quarantine.corrupt("%s is longer than the %d bytes of the catalogue; the rest was not fetched."
                    .formatted(expected.name(), expected.sizeBytes()));
        }
        digest.update(bytes, 0, length);
        ByteBuffer pending = ByteBuffer.wrap(bytes, 0, length);
        try {
            while (pending.hasRemaining()) {
                out.write(pending);
            }
        } catch (IOException failed) {
            throw Disk.failure(failed, path);
        }
        written += length;
        meter.add(length);
    }

    /** Writes all that a stream still has. */
    void writeAll(InputStream in, Cancellation cancellation) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
            cancellation.throwIfCanceled();
            write(buffer, length);
        }
    }

    /** Throws away what has been written. */
    void restart() {
        try {
            out.truncate(0);
        } catch (IOException failed) {
            throw Disk.failure(failed, path);
        }
        meter.add(-written);
        written = 0;
        digest.reset();
    }

    /** Whether what has been written so far is the catalogue's file. */
    boolean isRight() {
        try {
            return hex((MessageDigest) digest.clone()).equals(expected.sha256());
        } catch (CloneNotSupportedException impossible) {
            throw new AssertionError("the JDK's SHA-256 can be cloned", impossible);
        }
    }

    /**
     * Ends the file and makes it last.
     *
     * @throws FlowError {@code MODEL_CORRUPT} when it is not the catalogue's; the file is then in quarantine
     */
    void seal() {
        if (!isWhole()) {
            throw Quarantine.corrupt("%s has %d bytes, but the catalogue says %d."
                    .formatted(expected.name(), written, expected.sizeBytes()));
        }
        String actual = hex(digest);
        if (!actual.equals(expected.sha256())) {
            close();
            throw quarantine.take(path, expected, actual);
        }
        try {
            out.force(true);
        } catch (IOException failed) {
            throw Disk.failure(failed, path);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException failed) {
            throw Disk.failure(failed, path);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
