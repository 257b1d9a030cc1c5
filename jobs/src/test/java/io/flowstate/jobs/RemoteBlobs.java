package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** Another store, as if it were far away: it has no files of its own and lends copies, as S3 does. */
class RemoteBlobs implements BlobStore {
    private final BlobStore store;

    RemoteBlobs(BlobStore store) {
        this.store = store;
    }

    @Override
    public Writer create(String key) throws IOException {
        return store.create(key);
    }

    @Override
    public InputStream read(String key, long from, long length) throws IOException {
        return store.read(key, from, length);
    }

    @Override
    public OptionalLong size(String key) throws IOException {
        return store.size(key);
    }

    @Override
    public Path file(String key, Path scratch) throws IOException {
        Path copy = Files.createTempFile(scratch, "blob-", "");
        try (InputStream from = store.read(key, 0, Long.MAX_VALUE)) {
            Files.write(copy, from.readAllBytes());
        }
        return copy;
    }

    @Override
    public void delete(String key) throws IOException {
        store.delete(key);
    }

    @Override
    public List<Entry> list(String prefix, String after, int atMost) throws IOException {
        return store.list(prefix, after, atMost);
    }

    @Override
    public void each(String prefix, Visitor visitor) throws IOException {
        store.each(prefix, visitor);
    }

    @Override
    public int sweepUnfinished(List<String> prefixes, Instant before) throws IOException {
        return store.sweepUnfinished(prefixes, before);
    }
}
