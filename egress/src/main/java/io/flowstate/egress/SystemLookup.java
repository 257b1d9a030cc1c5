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
 * Asks the system's resolver, and waits no longer than a limit. The question is asked on a platform thread of its own: the system's call cannot be interrupted and pins a
 * virtual thread's carrier, so that a few names whose servers never answer, which anybody can hand in, would otherwise bring the whole process to a stand.
 */
final class SystemLookup implements Lookup {
    private static final int AT_A_TIME = 64;

    private final Semaphore free = new Semaphore(AT_A_TIME);
    private final Duration limit;

    SystemLookup(Duration limit) {
        this.limit = limit;
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
            return List.of(InetAddress.getAllByName(host));
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
