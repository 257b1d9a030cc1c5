package io.flowstate.core.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * Bytes that outlive a process: a folder, or an S3-compatible store. A blob is written once and never changed. Keys are words of {@code [a-z0-9_.-]} with slashes between
 * them; a word does not begin with a dot. Implementations are thread-safe and block; every method may fail with an {@link IOException} that a later try may not meet.
 */
public interface BlobStore {
    /**
     * Begins a blob of any length. Nothing is to be found under the key before {@link Writer#commit}; one that is there already is then replaced as a whole.
     *
     * @throws IllegalArgumentException if the key is not one
     */
    Writer create(String key) throws IOException;

    /**
     * The bytes from {@code from} on, {@code length} of them or as many as there are. The caller closes the stream.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such blob
     */
    InputStream read(String key, long from, long length) throws IOException;

    /** Empty if there is no such blob. */
    OptionalLong size(String key) throws IOException;

    /**
     * A file with the blob's bytes, to be read and not changed: the store's own, or a copy made in {@code scratch}, which is the caller's to remove.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such blob
     */
    Path file(String key, Path scratch) throws IOException;

    /** Does nothing if there is no such blob. */
    void delete(String key) throws IOException;

    /**
     * Blobs in the order of their keys, for looking after the store.
     *
     * @param prefix of the keys; empty for all
     * @param after only keys that come after this one; empty for all
     * @param atMost how many
     */
    List<Entry> list(String prefix, String after, int atMost) throws IOException;

    /** Removes what writers that died left before that time: temporary files, unfinished uploads. Gives how many. */
    int sweepUnfinished(Instant before) throws IOException;

    /** One blob. */
    record Entry(String key, long bytes, Instant written) {}

    /** A blob in the making; used by one thread. Closing it without a commit leaves nothing behind. */
    abstract class Writer extends OutputStream {
        /** Makes the blob durable and visible, whole. Writing ends with it; called at most once. */
        public abstract void commit() throws IOException;
    }
}
