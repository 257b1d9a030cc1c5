package io.flowstate.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits no longer than a limit for another lookup, and lets only so many be under way. The other is asked on a platform thread of its own: the system's call cannot be
 * interrupted and pins a virtual thread's carrier, so that a few names whose servers never answer, which anybody can hand in, would otherwise bring the whole process to a stand.
 */
final class BoundedLookup implements Lookup {
    private static final int AT_A_TIME = 64;

    private final Semaphore free = new Semaphore(AT_A_TIME);
    private final Lookup asked;
    private final Duration limit;

    BoundedLookup(Lookup asked, Duration limit) {
        this.asked = asked;
        this.limit = limit;
    }

    /** The system's resolver. */
    static Lookup system(Duration limit) {
        return new BoundedLookup(host -> List.of(InetAddress.getAllByName(host)), limit);
    }

    @Override
    public List<InetAddress> addresses(String host) throws UnknownHostException {
        try {
            if (!free.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new UnknownHostException("too many names are being looked up");
            }
            FutureTask<List<InetAddress>> answer = new FutureTask<>(() -> ask(host));
            Thread.ofPlatform().daemon().name("egress-lookup").start(answer);
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw unknown(host, failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw unknown(host, stopped);
        }
    }

    private List<InetAddress> ask(String host) throws UnknownHostException {
        try {
            return asked.addresses(host);
        } finally {
            free.release();
        }
    }

    private static UnknownHostException unknown(String host, Exception cause) {
        UnknownHostException unknown = new UnknownHostException(host);
        unknown.initCause(cause);
        return unknown;
    }
}
