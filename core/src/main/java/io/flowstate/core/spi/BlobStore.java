package io.flowstate.core.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * Bytes that outlive a process: a folder, or an S3-compatible store. A blob is written once and never changed. Implementations are thread-safe and block; every method may fail
 * with an {@link IOException} that a later try may not meet, and with an {@link IllegalArgumentException} for a key that is none.
 *
 * <p>Keys are words of {@code [a-z0-9_.-]} with slashes between them; a word does not begin with a dot and has at most 200 characters, a key at most 500. As in a folder, no
 * key may be another one's beginning up to a slash: who has {@code a/b} cannot have {@code a}. Some stores refuse it, others leave it to the caller.
 */
public interface BlobStore {
    /** Begins a blob of any length. Nothing is to be found under the key before {@link Writer#commit}; one that is there already is then replaced as a whole. */
    Writer create(String key) throws IOException;

    /**
     * The bytes from {@code from} on, {@code length} of them or as many as there are, which are none past the end. The stream gives all of them or fails: it never just ends
     * early. The caller closes it, at no cost for what was not read.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such blob
     * @throws IllegalArgumentException if {@code from} or {@code length} is negative
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
     * Blobs in the order of their keys, character by character, for looking after the store.
     *
     * @param prefix with which the keys begin, of any form; empty for all
     * @param after only keys that come after this one, of any form; empty for all
     * @param atMost how many, at least 1
     */
    List<Entry> list(String prefix, String after, int atMost) throws IOException;

    /**
     * Shows all blobs whose keys begin with a prefix, in the same order, and reads each folder of the store just once. What comes or goes meanwhile is shown or not; the
     * visitor may delete what it has seen.
     */
    void each(String prefix, Visitor visitor) throws IOException;

    /**
     * Removes what writers that died left before that time: temporary files, unfinished uploads. Gives how many. A writer that is still at work and began, or last wrote,
     * before that time fails at the latest when it commits.
     *
     * @param prefixes with one of which the keys begin, of any form. A store that shares its place with others leaves all else to those; one that is alone in its place need not
     *     know what its unfinished files were to become, and removes all
     */
    int sweepUnfinished(List<String> prefixes, Instant before) throws IOException;

    /** One blob. */
    record Entry(String key, long bytes, Instant written) {}

    /** Looks at one after the other. */
    @FunctionalInterface
    interface Visitor {
        void see(Entry entry) throws IOException;
    }

    /** A blob in the making; used by one thread. Closing it without a commit leaves nothing behind. */
    abstract class Writer extends OutputStream {
        /**
         * Makes the blob durable and visible, whole. Writing ends with it; called at most once. When it fails, what was under the key before is still there, or the new blob is,
         * whole: that may be unknown, and a new writer with the same bytes settles it.
         *
         * @throws IOException also if a write failed before, whatever became of that failure
         * @throws IllegalStateException if the writer was committed or closed before
         */
        public abstract void commit() throws IOException;
    }
}
