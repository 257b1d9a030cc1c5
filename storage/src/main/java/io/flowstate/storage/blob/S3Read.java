package io.flowstate.storage.blob;

import io.flowstate.core.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A range of an object as it comes down: exactly as many bytes as the store promised, or a failure. Used by one thread.
 *
 * <p>The SDK's retries end where an answer begins. When one breaks off, the rest is asked for anew, a few times, and only of the very object that was begun (its ETag): an object
 * that was replaced meanwhile is a failure, not a mixture of two.
 */
final class S3Read extends InputStream {
    private static final Logger log = LoggerFactory.getLogger(S3Read.class);
    private static final int MOST_RESUMPTIONS = 4;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int PRECONDITION_FAILED = 412;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final S3Bucket bucket;
    private final String key;
    private final String tag;
    /** Of the byte after the last one wanted, in the object. */
    private final long end;

    private long position;
    private int resumptions;
    private ResponseInputStream<GetObjectResponse> body;

    private S3Read(S3Bucket bucket, String key, ResponseInputStream<GetObjectResponse> body, long position, long end) {
        this.bucket = bucket;
        this.key = key;
        this.tag = Objects.requireNonNullElse(body.response().eTag(), "");
        this.body = body;
        this.position = position;
        this.end = end;
    }

    /** @param length at least 1 */
    static InputStream open(S3Bucket bucket, String key, long from, long length) throws IOException {
        boolean whole = from == 0 && length == Long.MAX_VALUE;
        String range = length > Long.MAX_VALUE - from
                ? "bytes=%d-".formatted(from)
                : "bytes=%d-%d".formatted(from, from + length - 1);
        String object = bucket.object(key);
        ResponseInputStream<GetObjectResponse> body;
        try {
            body = bucket.call(
                    "read",
                    key,
                    s3 -> s3.getObject(request -> {
                        request.bucket(bucket.name()).key(object);
                        if (!whole) {
                            request.range(range);
                        }
                    }));
        } catch (IOException failed) {
            if (status(failed) == RANGE_NOT_SATISFIABLE) {
                return nullInputStream();
            }
            throw failed;
        }
        try {
            return new S3Read(bucket, key, body, from, end(body.response(), from, whole));
        } catch (IOException senseless) {
            body.abort();
            throw senseless;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        while (position < end) {
            try {
                int got = body.read(bytes, offset, (int) Math.min(length, end - position));
                if (got > 0) {
                    position += got;
                    return got;
                }
                resume(new EOFException("the answer ended %d bytes early".formatted(end - position)));
            } catch (SdkException broken) {
                resume(new IOException(broken));
            } catch (IOException broken) {
                resume(broken);
            }
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        if (position < end) {
            // A mere close would read the rest, to use the connection again.
            body.abort();
        } else {
            body.close();
        }
    }

    private void resume(IOException broken) throws IOException {
        body.abort();
        resumptions++;
        if (resumptions > MOST_RESUMPTIONS
                || tag.isEmpty()
                || Thread.currentThread().isInterrupted()) {
            throw new IOException(
                    "s3://%s/%s: the answer broke off after %d of %d bytes, and %d attempts to go on did not help: %s"
                            .formatted(
                                    bucket.name(),
                                    bucket.object(key),
                                    position,
                                    end,
                                    resumptions - 1,
                                    Reason.of(broken)),
                    broken);
        }
        log.info("{} broke off at byte {} of {} ({}); going on from there", key, position, end, Reason.of(broken));
        body = rest();
    }

    private ResponseInputStream<GetObjectResponse> rest() throws IOException {
        try {
            ResponseInputStream<GetObjectResponse> rest = bucket.call(
                    "read on",
                    key,
                    s3 -> s3.getObject(request -> request.bucket(bucket.name())
                            .key(bucket.object(key))
                            .range("bytes=%d-%d".formatted(position, end - 1))
                            .ifMatch(tag)));
            if (end(rest.response(), position, false) != end) {
                rest.abort();
                throw new IOException("%s: the store gave another range than was asked for".formatted(key));
            }
            return rest;
        } catch (IOException failed) {
            if (status(failed) == PRECONDITION_FAILED || failed instanceof NoSuchFileException) {
                throw new IOException("%s was replaced or deleted while it was read".formatted(key), failed);
            }
            throw failed;
        }
    }

    /** Where the answer's bytes end in the object, if it says so in a way that can be true. */
    private static long end(GetObjectResponse answer, long from, boolean whole) throws IOException {
        if (whole) {
            Long length = answer.contentLength();
            if (length == null) {
                throw new IOException(
                        "the store does not say how long its answer is, so that nobody can tell whether it is whole");
            }
            return length;
        }
        String range = String.valueOf(answer.contentRange());
        Matcher matcher = CONTENT_RANGE.matcher(range);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) != from) {
            throw new IOException("the store was asked for a range from byte %d and answered with Content-Range %s"
                    .formatted(from, range));
        }
        return Long.parseLong(matcher.group(2)) + 1;
    }

    private static int status(IOException failure) {
        return failure.getCause() instanceof S3Exception answer ? answer.statusCode() : 0;
    }
}
