package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** One request and its answer, blocking. Used by one thread at a time; only {@link #commit}, {@link #isCommitted} and {@link #abort} may be called by others. */
final class Exchange {
    private final Request request;
    private final Response response;
    private final String id;
    private final ServerConfig config;
    private final Clock clock;
    private final Instant arrived;
    private @Nullable Body body;
    private volatile boolean committed;
    private long due = -1;
    private volatile boolean isAllSent;

    Exchange(Request request, Response response, String id, ServerConfig config, Clock clock) {
        this.request = request;
        this.response = response;
        this.id = id;
        this.config = config;
        this.clock = clock;
        this.arrived = clock.instant();
    }

    /** Ends when it is closed. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** The {@code X-Request-Id}. */
    String id() {
        return id;
    }

    /** Time since the request arrived. */
    Duration took() {
        return Duration.between(arrived, clock.instant());
    }

    String method() {
        return request.getMethod();
    }

    /** Decoded, without dot segments, beginning with a slash. */
    String path() {
        return Request.getPathInContext(request);
    }

    /** One of the words between the path's slashes, from 0 on. */
    String segment(int index) {
        return segments(path()).get(index);
    }

    /** The words between a path's slashes; one that ends with a slash has an empty last word. */
    static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    /** @throws FlowError {@link Code#BAD_REQUEST} if it is not well encoded */
    Options query() {
        Fields fields;
        try {
            fields = Request.extractQueryParameters(request, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException | IllegalStateException bad) {
            throw FlowError.of(Code.BAD_REQUEST, "The query string is not well encoded.")
                    .causedBy(bad);
        }
        Options.Builder options = new Options.Builder();
        fields.forEach(field -> field.getValues().forEach(value -> options.add(field.getName(), value)));
        return options.build();
    }

    /** The body, to be read once. A cancellation ends reading. */
    Body body(long maxBytes, Cancellation cancellation) {
        return bodyUpTo(Math.min(maxBytes, config.maxBodyBytes()), cancellation);
    }

    /** The same for what has a limit of its own, which may be over {@code server.max_body}. */
    Body bodyUpTo(long maxBytes, Cancellation cancellation) {
        Body opened = new Body(request, maxBytes, config, clock, cancellation);
        body = opened;
        return opened;
    }

    /** Sets a header of the answer; changes nothing once the answer has begun. */
    void set(String header, String value) {
        if (!committed) {
            response.getHeaders().put(header, value);
        }
    }

    /** Answers whole. To HEAD only the headers go out. */
    void answer(int status, String mediaType, byte[] content) throws IOException {
        begin(status, mediaType, OptionalLong.of(content.length));
        commit();
        Content.Sink.write(response, true, ByteBuffer.wrap(content));
    }

    /** Answers without content, where the status says all (204, 304). */
    void answer(int status) throws IOException {
        response.setStatus(status);
        end();
    }

    /** Prepares an answer that {@link #write} will send in pieces; nothing goes out yet. */
    void begin(int status, String mediaType, OptionalLong length) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
        length.ifPresent(bytes -> response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes));
        due = length.orElse(-1);
    }

    /** Takes back what {@link #begin} set, and what else was said of the content, so that the answer can become another. */
    void clear() {
        response.getHeaders().remove(HttpHeader.CONTENT_TYPE);
        response.getHeaders().remove(HttpHeader.CONTENT_LENGTH);
        response.getHeaders().remove("Content-Disposition");
        response.getHeaders().remove(HttpHeader.ETAG);
        response.getHeaders().remove(HttpHeader.ACCEPT_RANGES);
    }

    /** Says that the answer goes out now, as it was begun, and cannot become another any more. */
    void commit() {
        set("flowstate-duration-ms", Long.toString(took().toMillis()));
        committed = true;
    }

    /** Sends a piece now; blocks until the socket has taken it. */
    void write(byte[] bytes, int offset, int length) throws IOException {
        commit();
        due -= length;
        isAllSent = due == 0;
        Content.Sink.write(response, false, ByteBuffer.wrap(bytes, offset, length));
    }

    /** Ends an answer that was sent in pieces. */
    void end() throws IOException {
        commit();
        Content.Sink.write(response, true, ByteBuffer.allocate(0));
    }

    /** Whether any of the answer has been sent or is about to be, so that it cannot become an error any more. */
    boolean isCommitted() {
        return committed;
    }

    int status() {
        return response.getStatus();
    }

    /** Closes the connection under an answer that has begun: cut off, so that nobody takes it for whole. */
    void abort() {
        if (committed) {
            endPoint().close(new QuietException.Exception("the answer was given up"));
        }
    }

    /**
     * Stops the work when the client leaves, unless it may: once it has as many bytes as were announced it owes us nothing, while we may still be tidying up. Only for
     * after the body, or where there is none; while it is read, its end is seen there.
     */
    Watch stopWhenClientLeaves(Cancellation cancellation) {
        return isReceived() && endPoint() instanceof AbstractEndPoint watchable
                ? Departure.watch(watchable, () -> left(cancellation))::close
                : () -> {};
    }

    private boolean isReceived() {
        return body == null
                ? header("Content-Length").isEmpty()
                        && header("Transfer-Encoding").isEmpty()
                : body.hasEnded();
    }

    private void left(Cancellation cancellation) {
        if (!isAllSent) {
            cancellation.cancel(gone());
        }
    }

    /** Lets a client that is still sending see the answer that refuses it. */
    void linger() {
        boolean waitsFor100 = header("Expect").isPresent() && (body == null || !body.hasBegun());
        if (hasUnreadBody() && !waitsFor100) {
            Body.linger(request);
        }
    }

    /** Tells Jetty and the client that this is the connection's last answer, unless the body has been read whole. */
    void closeUnlessRead() {
        if (hasUnreadBody()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
    }

    private boolean hasUnreadBody() {
        boolean announced = request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
        return announced && (body == null || !body.hasEnded());
    }

    private EndPoint endPoint() {
        return request.getConnectionMetaData().getConnection().getEndPoint();
    }

    /** Why work ends whose client is not there any more. */
    static FlowError gone() {
        return FlowError.of(Code.CANCELED, "The client left before the answer was complete.");
    }
}
