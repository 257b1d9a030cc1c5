package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

final class S3StoreClaimTest extends StoreClaimContract {
    @RegisterExtension
    static final TestS3 store = new TestS3();

    @Override
    BlobStore blobs(Path folder) {
        return store.blobs();
    }
}
