package io.flowstate.server;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of an answer on their way from whoever makes them to a client that takes them at its own pace. A client must not be able to hold the engine up: there is one
 * for everybody, and a socket may take a byte every half minute without ever being dead.
 *
 * <p>So a thread of its own sends. Bytes are gathered in memory, and the sender takes all that is gathered as one piece: while the client keeps up, each write goes out
 * at once. When it does not, the memory fills, and the rest goes on into a file of the request's room until the sender has emptied it. Order is kept because memory is
 * filled only while no byte waits in the file; what is gathered is therefore always older than the backlog.
 *
 * <p>Stages: <i>making</i>, in which writing never waits for the client; then, from {@link #made}, <i>sending</i>, in which writing waits instead of using up the disk,
 * and the client must keep a pace: it may rest for {@code idle} altogether, and a second longer for each time that the least download rate has left. A client that stops
 * altogether is found out by the connection's own timeout in both stages. Last, {@link #end}.
 *
 * <p>The answer can become an error, or another attempt's, until the sender takes its first piece; {@link #takeBack} and that first taking exclude each other.
 *
 * <p>Threads: all state is guarded by this object's monitor, except {@code leaving}, which is the sender's between two takings. The socket is written to outside the
 * monitor, and cancellations are said outside it, because what they trigger is not ours. The sender begins with the first byte and never outlives {@link #close}.
 */
final class Outflow implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Outflow.class);
    private static final int PIECE_BYTES = 128 << 10;
    /** How often somebody who waits for the sender looks at the clock and for a cancellation. */
    private static final long GLANCE_MILLIS = 200;

    private final Exchange exchange;
    private final Spool.Room room;
    private final Cancellation cancellation;
    private final ServerConfig config;
    private final Clock clock;
    private final Backlog backlog;

    private byte[] gathering = new byte[PIECE_BYTES];
    private byte[] leaving = new byte[PIECE_BYTES];
    private int gathered;
    private long taken;
    private long takenWhileMaking;
    private @Nullable Instant madeAt;
    private boolean complete;
    private boolean closed;
    private boolean sending;
    private @Nullable Throwable lost;

    /** @param cancellation is said when the client leaves or the disk refuses */
    Outflow(Exchange exchange, Spool.Room room, Cancellation cancellation, ServerConfig config, Clock clock) {
        this.exchange = exchange;
        this.room = room;
        this.cancellation = cancellation;
        this.config = config;
        this.clock = clock;
        this.backlog = new Backlog(room.file("backlog"));
    }

    /** Where the maker writes. Closing it does nothing: whether the answer is whole is not the maker's to say. */
    OutputStream stream() {
        return new OutputStream() {
            @Override
            public void write(int single) throws IOException {
                write(new byte[] {(byte) single}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    put(bytes, offset, length);
                } catch (IOException failed) {
                    if (!isLost()) {
                        cancellation.cancel(room.failure(failed));
                    }
                    throw failed;
                }
            }
        };
    }

    /** Forgets everything; false, and nothing forgotten, when some of it has left already. */
    synchronized boolean takeBack() {
        if (exchange.isCommitted()) {
            return false;
        }
        gathered = 0;
        backlog.clear();
        return true;
    }

    /** The work is over: from now on writing waits for the client, who has to keep a pace. */
    synchronized void made() {
        if (madeAt == null) {
            madeAt = clock.instant();
            takenWhileMaking = taken;
        }
    }

    /**
     * Waits until the client has taken everything, and ends the answer.
     *
     * @throws FlowError if it was canceled meanwhile, or the client is too slow
     */
    void end() throws IOException {
        made();
        synchronized (this) {
            complete = true;
            notifyAll();
            awaitClient(() -> !sending);
            throwIfLost();
        }
        exchange.end();
    }

    /** Ends the sender, cutting off an answer that was not ended. */
    @Override
    public void close() {
        if (stopSending()) {
            exchange.abort();
            joinSender();
        }
        try {
            backlog.close();
        } catch (IOException unwritten) {
            log.debug("{}: its bytes are dropped anyway", exchange.id(), unwritten);
        }
    }

    private synchronized void put(byte[] bytes, int offset, int length) throws IOException {
        int end = offset + length;
        for (int at = offset; at < end; notifyAll()) {
            throwIfLost();
            if (madeAt != null) {
                awaitClient(this::hasMemory);
            }
            if (hasMemory()) {
                int fits = Math.min(end - at, PIECE_BYTES - gathered);
                System.arraycopy(bytes, at, gathering, gathered, fits);
                gathered += fits;
                at += fits;
            } else {
                backlog.put(bytes, at, end - at);
                at = end;
            }
            beginSending();
        }
    }

    private boolean hasMemory() {
        return backlog.isEmpty() && gathered < PIECE_BYTES;
    }

    private void beginSending() {
        if (!sending) {
            sending = true;
            Thread.ofVirtual().name("send-" + exchange.id()).start(this::send);
        }
    }

    private void send() {
        Throwable broken = null;
        try {
            for (int length = take(); length > 0; length = take()) {
                exchange.write(leaving, 0, length);
            }
        } catch (IOException | RuntimeException | Error thrown) {
            broken = thrown;
            log.debug("{} sending ended early", exchange.id(), thrown);
            cancellation.cancel(thrown instanceof FlowError why ? why : Exchange.gone());
        } finally {
            stopped(broken);
        }
    }

    /** Waits for the next piece and puts it into {@code leaving}; gives its length, 0 if none will come. */
    private synchronized int take() throws InterruptedIOException {
        try {
            while (gathered == 0 && backlog.isEmpty() && !complete && !closed) {
                wait();
            }
        } catch (InterruptedException stop) {
            throw interrupted();
        }
        if (closed || (gathered == 0 && backlog.isEmpty())) {
            return 0;
        }
        exchange.commit();
        int length = gathered > 0 ? swap() : unspool();
        taken += length;
        notifyAll();
        return length;
    }

    private int swap() {
        byte[] full = gathering;
        gathering = leaving;
        leaving = full;
        int length = gathered;
        gathered = 0;
        return length;
    }

    private int unspool() {
        try {
            return backlog.take(leaving);
        } catch (IOException unreadable) {
            throw room.failure(unreadable);
        }
    }

    /** Whether there is a sender that has to end now. */
    private synchronized boolean stopSending() {
        closed = true;
        notifyAll();
        return sending;
    }

    private synchronized void joinSender() {
        boolean interrupted = false;
        while (sending) {
            try {
                wait();
            } catch (InterruptedException stop) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void stopped(@Nullable Throwable why) {
        sending = false;
        lost = why;
        notifyAll();
    }

    /** Waits for the sender to bring something about; ends early when that is in vain. */
    private void awaitClient(BooleanSupplier condition) throws IOException {
        try {
            while (!condition.getAsBoolean()) {
                cancellation.throwIfCanceled();
                throwIfLost();
                throwIfTooSlow();
                wait(GLANCE_MILLIS);
            }
        } catch (InterruptedException stop) {
            throw interrupted();
        }
    }

    private void throwIfTooSlow() {
        long bytes = taken - takenWhileMaking;
        Duration allowed = config.idle().plusSeconds(bytes / config.minDownloadBytesPerSecond());
        if (madeAt != null && Duration.between(madeAt, clock.instant()).compareTo(allowed) > 0) {
            throw FlowError.of(
                            Code.CANCELED,
                            "The client took the answer too slowly: %d bytes in %d s after it was made.",
                            bytes,
                            allowed.toSeconds())
                    .advice("Take at least %d bytes a second.", config.minDownloadBytesPerSecond());
        }
    }

    private synchronized boolean isLost() {
        return lost != null || closed;
    }

    private void throwIfLost() throws IOException {
        if (isLost()) {
            throw new IOException("nobody takes the answer any more", lost);
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("stopped while the answer was sent");
    }
}
