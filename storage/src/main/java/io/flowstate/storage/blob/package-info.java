/**
 * Blobs in a folder ({@code DiskBlobs}) or in an S3-compatible store ({@code S3Blobs}). May use core and, for S3, the AWS SDK, none of whose types or exceptions leave this
 * package. What both promise is said in {@link io.flowstate.core.spi.BlobStore} and tested by the testkit's {@code BlobStoreContract}; read {@code DiskBlobs} first.
 */
@NullMarked
package io.flowstate.storage.blob;

import org.jspecify.annotations.NullMarked;
