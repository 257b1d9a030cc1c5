package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** A store that refuses some outputs. Thread-safe. */
final class FailingBlobs extends RemoteBlobs {
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile String words = "";

    FailingBlobs(BlobStore store) {
        super(store);
    }

    /** The next so many outputs are refused with these words. */
    void refuse(int times, String why) {
        words = why;
        refusals.set(times);
    }

    @Override
    public Writer create(String key) throws IOException {
        if (!key.endsWith("/input") && refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IOException(words);
        }
        return super.create(key);
    }
}
