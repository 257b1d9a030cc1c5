package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * A request's body, read by the exchange's own virtual thread: {@link #read} blocks instead of asking to be called again, so Jetty's multipart parser and its disk
 * writes run there too and never on a selector. It ends with a {@link FlowError} when the body is over its cap, too slow, cut off, or the work was canceled; the first
 * such failure stays.
 */
final class Body implements Content.Source {
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final Request request;
    private final long maxBytes;
    private final ServerConfig config;
    private final Clock clock;
    private final Cancellation cancellation;
    private final Instant start;
    private final Semaphore ready = new Semaphore(0);
    private long received;
    private boolean begun;
    private boolean ended;
    private @Nullable FlowError failure;

    /** @throws FlowError {@link Code#TOO_LARGE} at once when the announced length is over the cap, before a client that waits for 100-continue sends it */
    Body(Request request, long maxBytes, ServerConfig config, Clock clock, Cancellation cancellation) {
        this.request = request;
        this.maxBytes = maxBytes;
        this.config = config;
        this.clock = clock;
        this.cancellation = cancellation;
        this.start = clock.instant();
        if (request.getLength() > maxBytes) {
            throw tooLarge();
        }
    }

    @Override
    public Content.Chunk read() {
        try (Cancellation.Registration _ = cancellation.onCancel(ready::release)) {
            while (true) {
                throwIfLost();
                begun = true;
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    request.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, ready::release));
                    ready.acquireUninterruptibly();
                } else if (Content.Chunk.isFailure(chunk)) {
                    throw explain(chunk.getFailure());
                } else {
                    return counted(chunk);
                }
            }
        } catch (FlowError why) {
            failure = why;
            return Content.Chunk.from(why, true);
        }
    }

    /** Never needed, because {@link #read} always has an answer. */
    @Override
    public void demand(Runnable onReady) {
        onReady.run();
    }

    @Override
    public void fail(Throwable cause) {
        request.fail(cause);
    }

    @Override
    public long getLength() {
        return request.getLength();
    }

    /** Whether all of it has been read, so that the next bytes of the connection belong to another request. */
    boolean hasEnded() {
        return ended;
    }

    /** Whether the client has been told, by reading, that its body is wanted. */
    boolean hasBegun() {
        return begun;
    }

    /** Throws what ended the body early, if anything did. */
    void throwIfFailed() {
        FlowError why = failure;
        if (why != null) {
            throw why;
        }
    }

    /** All of the body, for small ones. */
    byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        forEach(buffer -> {
            byte[] piece = new byte[buffer.remaining()];
            buffer.get(piece);
            all.writeBytes(piece);
        });
        return all.toByteArray();
    }

    /** Writes the rest of the body to a new file, straight from the network's buffers; gives its length in bytes. */
    long saveTo(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            forEach(buffer -> {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            });
        }
        return received;
    }

    /** Writes the rest of the body as it comes. */
    void writeTo(OutputStream to) throws IOException {
        forEach(buffer -> BufferUtil.writeTo(buffer, to));
    }

    /** Reads what a parser left, such as an epilogue. */
    void skipRest() {
        forEach(_ -> {});
    }

    /**
     * Takes what the client still sends after it was refused, for a moment: closing a socket with unread bytes resets it, and the client would lose the answer that says
     * why. Bounded by {@link #LINGER}.
     */
    static void linger(Request request) {
        Semaphore ready = new Semaphore(0);
        long end = System.nanoTime() + LINGER.toNanos();
        while (System.nanoTime() < end) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, ready::release));
                if (!acquired(ready, end)) {
                    return;
                }
            } else {
                boolean last = chunk.isLast();
                chunk.release();
                if (last) {
                    return;
                }
            }
        }
    }

    private static boolean acquired(Semaphore ready, long end) {
        try {
            return ready.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Takes the bytes of one chunk. */
    @FunctionalInterface
    private interface Taker<E extends Exception> {
        void take(ByteBuffer buffer) throws E;
    }

    private <E extends Exception> void forEach(Taker<E> taker) throws E {
        throwIfFailed();
        while (!ended) {
            Content.Chunk chunk = read();
            throwIfFailed();
            try {
                taker.take(chunk.getByteBuffer());
            } finally {
                chunk.release();
            }
        }
    }

    private Content.Chunk counted(Content.Chunk chunk) {
        received += chunk.remaining();
        if (received > maxBytes) {
            chunk.release();
            throw tooLarge();
        }
        ended = chunk.isLast();
        return chunk;
    }

    private void throwIfLost() {
        throwIfFailed();
        cancellation.throwIfCanceled();
        Duration allowed = config.uploadGrace().plusSeconds(received / config.minUploadBytesPerSecond());
        if (Duration.between(start, clock.instant()).compareTo(allowed) > 0) {
            throw FlowError.of(
                            Code.UPLOAD_TIMEOUT,
                            "The body came too slowly: %d bytes in %d s.",
                            received,
                            allowed.toSeconds())
                    .advice("Send at least %d bytes a second.", config.minUploadBytesPerSecond());
        }
    }

    private FlowError explain(Throwable cause) {
        FlowError why = switch (cause) {
            case TimeoutException _ ->
                FlowError.of(
                        Code.UPLOAD_TIMEOUT,
                        "No byte of the body came for %d s.",
                        config.idle().toSeconds());
            case EofException _ ->
                FlowError.of(Code.BAD_REQUEST, "The connection ended before the body did, after %d bytes.", received);
            case HttpException bad ->
                FlowError.of(Code.BAD_REQUEST, "The body is not valid HTTP: %s.", bad.getReason());
            default -> FlowError.of(Code.BAD_REQUEST, "The body could not be read after %d bytes.", received);
        };
        return why.causedBy(cause);
    }

    private FlowError tooLarge() {
        return FlowError.of(Code.TOO_LARGE, "The body is over the limit of %d bytes.", maxBytes)
                .advice(
                        "Send less: compressed audio such as FLAC, or a large file as a resumable upload (POST /v1/uploads).");
    }
}
