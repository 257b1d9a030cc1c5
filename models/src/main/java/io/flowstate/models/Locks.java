package io.flowstate.models;

import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Mutual exclusion by name between threads and processes. Thread-safe.
 *
 * <p>A name is a permit within this JVM and then a lock on a file between processes, always in this order: closing any channel of a file drops every lock that the
 * process has on it (POSIX), so a second thread must not even open the file while the first holds it. For the same reason the permits belong to the JVM and not to an object:
 * they are the house's one piece of static state, as the locks that they guard are the process's. The system drops the lock of a process that dies, which is how a dead pull
 * is told from a live one. Lock files are empty and stay: deleting one would let two processes hold "the" lock on two files.
 */
final class Locks {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private static final Map<Path, Semaphore> PERMITS = new ConcurrentHashMap<>();

    private final Path folder;

    Locks(Path folder) {
        this.folder = folder;
    }

    /** A lock that is held until it is closed. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Waits for the lock.
     *
     * @param onWait called once when somebody else holds it
     * @throws io.flowstate.core.FlowError the cancellation's reason, or that the lock file cannot be used
     */
    Held hold(String name, Cancellation cancellation, Runnable onWait) {
        boolean told = false;
        while (true) {
            cancellation.throwIfCanceled();
            Optional<Held> held = tryHold(name, told ? LOOK_AGAIN : Duration.ZERO);
            if (held.isPresent()) {
                return held.get();
            }
            if (!told) {
                told = true;
                onWait.run();
            }
            Pause.REAL.of(LOOK_AGAIN, cancellation);
        }
    }

    /** The lock, if nobody else has it. */
    Optional<Held> tryHold(String name) {
        return tryHold(name, Duration.ZERO);
    }

    private Optional<Held> tryHold(String name, Duration patience) {
        try {
            Path file = Files.createDirectories(folder).toRealPath().resolve(name + ".lock");
            Semaphore permit = PERMITS.computeIfAbsent(file, key -> new Semaphore(1));
            if (!permit.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
            boolean locked = false;
            try {
                Optional<FileChannel> channel = lockedFile(file);
                locked = channel.isPresent();
                return channel.map(open -> () -> release(open, permit));
            } finally {
                if (!locked) {
                    permit.release();
                }
            }
        } catch (InterruptedException interrupted) {
            throw Pause.interrupted(interrupted);
        } catch (IOException unusable) {
            throw Disk.failure(unusable, folder);
        }
    }

    private static Optional<FileChannel> lockedFile(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = channel.tryLock() != null;
            return locked ? Optional.of(channel) : Optional.empty();
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private void release(FileChannel channel, Semaphore permit) {
        try {
            channel.close();
        } catch (IOException failed) {
            throw Disk.failure(failed, folder);
        } finally {
            permit.release();
        }
    }
}
