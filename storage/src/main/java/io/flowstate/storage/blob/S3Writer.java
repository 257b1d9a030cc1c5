package io.flowstate.storage.blob;

import io.flowstate.core.Reason;
import io.flowstate.core.spi.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;

/**
 * A blob on its way to an S3-compatible store. Used by one thread, which does the sending: it waits while a part goes up.
 *
 * <p>Bytes gather in one buffer of up to {@value #PART_BYTES}. A blob that fits is put by one request at the commit. A longer one becomes a multipart upload, begun when the buffer
 * first overflows; a part goes up each time that it is full, and the commit sends the rest and completes the upload. Only a completed upload is an object.
 *
 * <p>A request whose answer is lost is sent again. That is harmless for all but the completion: a store that has completed the upload may no longer know it then. The object
 * therefore carries a mark of its writer, by which a completion that was done is told from one that failed.
 */
final class S3Writer extends BlobStore.Writer {
    /** S3 takes none smaller than 5 MiB, but for the last. */
    static final int PART_BYTES = 8 << 20;

    private static final Logger log = LoggerFactory.getLogger(S3Writer.class);
    /** S3's own limit; with our parts 78 GiB, or 125 hours of CD sound. */
    private static final int MOST_PARTS = 10_000;

    private static final int FIRST_BUFFER_BYTES = 1 << 16;
    private static final String CONTENT_TYPE = "application/octet-stream";
    private static final String MARK = "flowstate-writer";

    private final S3Bucket bucket;
    private final String key;
    private final String object;
    private final WriterState state = new WriterState();
    private final String mark = UUID.randomUUID().toString();
    private final List<CompletedPart> parts = new ArrayList<>();
    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int filled;
    private @Nullable String upload;

    S3Writer(S3Bucket bucket, String key) {
        this.bucket = bucket;
        this.key = key;
        this.object = bucket.object(key);
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        state.write(() -> {
            int taken = 0;
            while (taken < length) {
                if (filled == PART_BYTES) {
                    sendPart();
                }
                int fits = Math.min(length - taken, PART_BYTES - filled);
                reserve(filled + fits);
                System.arraycopy(bytes, offset + taken, buffer, filled, fits);
                filled += fits;
                taken += fits;
            }
        });
    }

    @Override
    public void commit() throws IOException {
        state.commit(() -> {
            if (upload == null) {
                put();
            } else {
                sendPart();
                complete(upload);
            }
        });
    }

    @Override
    public void close() {
        if (!state.close() || upload == null) {
            return;
        }
        try {
            abort(bucket, object, upload);
        } catch (IOException stubborn) {
            log.warn("{}; the next sweep tries again", Reason.of(stubborn));
        }
    }

    /** Gives up an upload; does nothing if it is not there. */
    static void abort(S3Bucket bucket, String object, String upload) throws IOException {
        bucket.call("abort the upload", object, s3 -> {
            try {
                return s3.abortMultipartUpload(
                        request -> request.bucket(bucket.name()).key(object).uploadId(upload));
            } catch (NoSuchUploadException gone) {
                log.debug("the upload of {} is gone already", object);
                return gone;
            }
        });
    }

    private void put() throws IOException {
        bucket.call(
                "write",
                key,
                s3 -> s3.putObject(
                        request -> request.bucket(bucket.name()).key(object).contentType(CONTENT_TYPE), body()));
    }

    private void sendPart() throws IOException {
        String into = upload == null ? begin() : upload;
        int number = parts.size() + 1;
        if (number > MOST_PARTS) {
            throw new IOException("%s is too long: S3 takes no more than %d parts of %d bytes"
                    .formatted(key, MOST_PARTS, PART_BYTES));
        }
        String tag = bucket.call(
                "write",
                key,
                s3 -> s3.uploadPart(
                                request -> request.bucket(bucket.name())
                                        .key(object)
                                        .uploadId(into)
                                        .partNumber(number),
                                body())
                        .eTag());
        parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
        filled = 0;
    }

    private String begin() throws IOException {
        String begun = bucket.call(
                "write",
                key,
                s3 -> s3.createMultipartUpload(request -> request.bucket(bucket.name())
                                .key(object)
                                .contentType(CONTENT_TYPE)
                                .metadata(Map.of(MARK, mark)))
                        .uploadId());
        upload = begun;
        return begun;
    }

    private void complete(String begun) throws IOException {
        bucket.call("complete the upload", key, s3 -> {
            try {
                return s3.completeMultipartUpload(request -> request.bucket(bucket.name())
                        .key(object)
                        .uploadId(begun)
                        .multipartUpload(all -> all.parts(parts)));
            } catch (NoSuchUploadException unknown) {
                Map<String, String> metadata = s3.headObject(
                                request -> request.bucket(bucket.name()).key(object))
                        .metadata();
                if (!mark.equals(metadata.get(MARK))) {
                    throw unknown;
                }
                return metadata;
            }
        });
    }

    /** The buffer's bytes, as often as a retry wants them. */
    private RequestBody body() {
        byte[] bytes = buffer;
        int length = filled;
        return RequestBody.fromContentProvider(() -> new ByteArrayInputStream(bytes, 0, length), length, CONTENT_TYPE);
    }

    private void reserve(int bytes) {
        if (bytes > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.min(PART_BYTES, Math.max(bytes, 2 * buffer.length)));
        }
    }
}
