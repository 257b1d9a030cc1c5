package io.flowstate.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the client goes away while its request is worked on and no byte flows either way.
 *
 * <p>Jetty reads an HTTP/1.1 connection only when somebody wants its bytes, so while a handler blocks nobody sees the end of the stream. Once the body has been read whole,
 * the connection's one fill interest is free, and this class takes it. When the socket becomes readable, one byte is read:
 * <ul>
 *   <li>end of stream or a reset: the client has left, and {@code onGone} runs. A client that only shuts its sending half down counts as gone, as with other servers:
 *       the two look the same from here;
 *   <li>a byte: the client sends its next request early (pipelining). The byte is kept, watching ends, and {@link #close} puts it back in front of the rest.
 * </ul>
 *
 * <p>Threads: {@link #succeeded} and {@link #failed} run on one of Jetty's virtual threads, {@link #close} on the exchange's; all hold this object's monitor, and nothing
 * happens after {@link #close}. The interest must be gone before the exchange is handed back, because Jetty takes a pending read at that point for a fault.
 */
final class Departure implements Callback, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Departure.class);

    private final AbstractEndPoint endPoint;
    private final Runnable onGone;
    private final ByteBuffer early = BufferUtil.allocate(1);
    private boolean closed;

    private Departure(AbstractEndPoint endPoint, Runnable onGone) {
        this.endPoint = endPoint;
        this.onGone = onGone;
    }

    /** @param onGone runs at most once, and must be quick */
    static Departure watch(AbstractEndPoint endPoint, Runnable onGone) {
        Departure departure = new Departure(endPoint, onGone);
        if (!endPoint.tryFillInterested(departure)) {
            log.warn("{}: somebody reads already; a client that leaves will be noticed late", endPoint);
        }
        return departure;
    }

    @Override
    public void succeeded() {
        boolean gone;
        synchronized (this) {
            gone = !closed && hasEnded();
            if (!closed && !gone && !early.hasRemaining()) {
                endPoint.tryFillInterested(this);
            }
        }
        if (gone) {
            onGone.run();
        }
    }

    /** The connection was closed under us, or {@link #close} takes the interest back. */
    @Override
    public void failed(Throwable cause) {
        boolean gone;
        synchronized (this) {
            gone = !closed;
        }
        if (gone) {
            onGone.run();
        }
    }

    /** Ends the watch; after it the connection is as if nobody had looked. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        endPoint.getFillInterest().onFail(new ClosedChannelException());
        if (early.hasRemaining()) {
            giveBack();
        }
    }

    private boolean hasEnded() {
        try {
            return endPoint.fill(early) < 0;
        } catch (IOException broken) {
            return true;
        }
    }

    private void giveBack() {
        Optional<Connection.UpgradeTo> connection = Optional.ofNullable(endPoint.getConnection())
                .filter(Connection.UpgradeTo.class::isInstance)
                .map(Connection.UpgradeTo.class::cast);
        try {
            connection.orElseThrow(IllegalStateException::new).onUpgradeTo(early);
        } catch (RuntimeException noRoom) {
            // Only a client that has pipelined a whole buffer of requests comes here; it will repeat those that were
            // not answered.
            log.info("{}: closing, because the requests sent ahead do not fit", endPoint, noRoom);
            endPoint.close();
        }
    }
}
