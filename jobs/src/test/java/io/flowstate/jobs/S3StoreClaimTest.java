package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.blob.S3Blobs;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

final class S3StoreClaimTest extends StoreClaimContract {
    private static TestS3 store;
    private @Nullable S3Blobs blobs;

    @BeforeAll
    static void start() throws Exception {
        store = new TestS3();
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    @Override
    BlobStore blobs(Path folder) {
        S3Blobs opened = store.blobs();
        blobs = opened;
        return opened;
    }

    @AfterEach
    void closeStore() {
        if (blobs != null) {
            blobs.close();
        }
    }
}
