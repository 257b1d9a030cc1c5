package io.flowstate.jobs;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.storage.blob.DiskBlobs;
import java.io.IOException;
import java.nio.file.Path;

final class DiskStoreClaimTest extends StoreClaimContract {
    @Override
    BlobStore blobs(Path folder) throws IOException {
        return new DiskBlobs(folder.resolve("blobs"));
    }
}
