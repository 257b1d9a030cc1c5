package io.flowstate.models;

import io.flowstate.core.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
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
 * process has on it (POSIX), so a second thread must not even open the file while the first holds it. The system drops the lock of a process that dies, which is how a
 * dead pull is told from a live one. Lock files are empty and stay: deleting one would let two processes hold "the" lock on two files.
 */
final class Locks {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final Path folder;
    private final Map<String, Semaphore> permits = new ConcurrentHashMap<>();

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
        Semaphore permit = permits.computeIfAbsent(name, key -> new Semaphore(1));
        try {
            if (!permit.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
        } catch (InterruptedException interrupted) {
            throw Pause.interrupted(interrupted);
        }
        boolean locked = false;
        try {
            Optional<FileChannel> channel = lockedFile(folder.resolve(name + ".lock"));
            locked = channel.isPresent();
            return channel.map(open -> () -> release(open, permit));
        } catch (IOException unusable) {
            throw Disk.failure(unusable, folder);
        } finally {
            if (!locked) {
                permit.release();
            }
        }
    }

    private Optional<FileChannel> lockedFile(Path file) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock();
            locked = lock != null;
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
