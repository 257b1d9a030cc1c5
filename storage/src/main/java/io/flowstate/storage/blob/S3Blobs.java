package io.flowstate.storage.blob;

import io.flowstate.core.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Blobs as objects of an S3-compatible store, each under the configured prefix and its key. What is written goes up in parts while it is made, see {@link S3Writer}; a download
 * that breaks off goes on where it broke, see {@link S3Read}. Holds connections; closing it closes them.
 */
public final class S3Blobs implements BlobStore, AutoCloseable {
    /** What S3 gives in one answer. */
    private static final int PAGE = 1000;

    private final S3Bucket bucket;

    /** Asks nothing of the store yet; see {@link #requireReachable}. */
    public S3Blobs(S3Config config) {
        this.bucket = new S3Bucket(config);
    }

    /** @throws IOException if the bucket is not there, cannot be reached, or may not be listed with these credentials */
    public void requireReachable() throws IOException {
        bucket.call(
                "list",
                "",
                s3 -> s3.listObjectsV2(request ->
                        request.bucket(bucket.name()).prefix(bucket.prefix()).maxKeys(1)));
    }

    @Override
    public Writer create(String key) {
        return new S3Writer(bucket, key);
    }

    @Override
    public InputStream read(String key, long from, long length) throws IOException {
        Keys.requireRange(from, length);
        if (length == 0) {
            size(key).orElseThrow(() -> new NoSuchFileException(key));
            return InputStream.nullInputStream();
        }
        return S3Read.open(bucket, key, from, length);
    }

    @Override
    public OptionalLong size(String key) throws IOException {
        String object = bucket.object(key);
        try {
            return OptionalLong.of(bucket.call(
                    "ask for the size",
                    key,
                    s3 -> s3.headObject(request -> request.bucket(bucket.name()).key(object))
                            .contentLength()));
        } catch (NoSuchFileException none) {
            return OptionalLong.empty();
        }
    }

    @Override
    public Path file(String key, Path scratch) throws IOException {
        try (InputStream blob = read(key, 0, Long.MAX_VALUE)) {
            Path copy = Files.createTempFile(scratch, "blob-", "");
            try {
                Files.copy(blob, copy, StandardCopyOption.REPLACE_EXISTING);
                return copy;
            } catch (IOException failed) {
                Files.deleteIfExists(copy);
                throw failed;
            }
        }
    }

    @Override
    public void delete(String key) throws IOException {
        String object = bucket.object(key);
        try {
            bucket.call(
                    "delete",
                    key,
                    s3 -> s3.deleteObject(
                            request -> request.bucket(bucket.name()).key(object)));
        } catch (NoSuchFileException none) {
            return;
        }
    }

    @Override
    public List<Entry> list(String prefix, String after, int atMost) throws IOException {
        if (atMost < 1) {
            throw new IllegalArgumentException("a list of at most %d".formatted(atMost));
        }
        List<Entry> found = new ArrayList<>();
        String last = after;
        boolean more = true;
        while (more && found.size() < atMost) {
            ListObjectsV2Response page = page(prefix, last, Math.min(PAGE, atMost - found.size()));
            for (S3Object object : page.contents()) {
                last = object.key().substring(bucket.prefix().length());
                // Consoles make "folders" by putting empty objects whose names end with a slash.
                if (Keys.isKey(last)) {
                    found.add(new Entry(last, object.size(), object.lastModified()));
                }
            }
            more = Boolean.TRUE.equals(page.isTruncated()) && !page.contents().isEmpty();
        }
        return List.copyOf(found);
    }

    @Override
    public void each(String prefix, Visitor visitor) throws IOException {
        List<Entry> page = list(prefix, "", PAGE);
        while (!page.isEmpty()) {
            for (Entry entry : page) {
                visitor.see(entry);
            }
            page = list(prefix, page.getLast().key(), PAGE);
        }
    }

    private ListObjectsV2Response page(String prefix, String after, int atMost) throws IOException {
        return bucket.call(
                "list",
                prefix,
                s3 -> s3.listObjectsV2(request -> {
                    request.bucket(bucket.name())
                            .prefix(bucket.prefix() + prefix)
                            .maxKeys(atMost);
                    if (!after.isEmpty()) {
                        request.startAfter(bucket.prefix() + after);
                    }
                }));
    }

    @Override
    public int sweepUnfinished(List<String> prefixes, Instant before) throws IOException {
        int swept = 0;
        ListMultipartUploadsResponse page = uploads("", "");
        while (true) {
            for (MultipartUpload upload : page.uploads()) {
                boolean ours = prefixes.stream().anyMatch(each -> upload.key().startsWith(bucket.prefix() + each));
                if (ours && upload.initiated().isBefore(before)) {
                    S3Writer.abort(bucket, upload.key(), upload.uploadId());
                    swept++;
                }
            }
            if (!Boolean.TRUE.equals(page.isTruncated()) || page.uploads().isEmpty()) {
                return swept;
            }
            page = uploads(page.nextKeyMarker(), page.nextUploadIdMarker());
        }
    }

    /** Of the whole bucket: MinIO takes a prefix here for an object's full name. */
    private ListMultipartUploadsResponse uploads(String keyMarker, String uploadIdMarker) throws IOException {
        return bucket.call(
                "list unfinished uploads",
                "",
                s3 -> s3.listMultipartUploads(request -> {
                    request.bucket(bucket.name());
                    if (!keyMarker.isEmpty()) {
                        request.keyMarker(keyMarker).uploadIdMarker(uploadIdMarker);
                    }
                }));
    }

    @Override
    public void close() {
        bucket.close();
    }
}
