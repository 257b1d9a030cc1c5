package io.flowstate.models;

import io.flowstate.core.ByteCount;
import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the store asks of the file system, and how the file system's refusals are told. */
final class Disk {
    private static final Logger log = LoggerFactory.getLogger(Disk.class);

    private Disk() {}

    /** The store's folder could not be written. */
    static FlowError failure(IOException cause, Path where) {
        if (DiskFull.isReasonOf(cause)) {
            return full(where).causedBy(cause);
        }
        return FlowError.of(Code.MODEL_UNAVAILABLE, "The model store cannot use %s: %s.", where, Reason.of(cause))
                .advice("Make the folder writable, or let FLOWSTATE_HOME name another one.")
                .causedBy(cause);
    }

    static FlowError full(Path where) {
        return FlowError.of(Code.DISK_FULL, "The disk that holds %s is full.", where)
                .advice("Free some space, or let FLOWSTATE_HOME name a folder on another disk.");
    }

    /** @throws FlowError {@code DISK_FULL} unless {@code need} bytes and {@code reserve} more are free where {@code folder} lies */
    static void requireFree(Path folder, long need, long reserve, String what) {
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free - reserve < need) {
                throw FlowError.of(
                                Code.DISK_FULL,
                                "%s needs %s in %s, of which %s are to stay free, but %s are free.",
                                what,
                                ByteCount.text(need + reserve),
                                folder,
                                ByteCount.text(reserve),
                                ByteCount.text(free))
                        .advice("Free some space, or let FLOWSTATE_HOME name a folder on another disk.");
            }
        } catch (IOException unknown) {
            throw failure(unknown, folder);
        }
    }

    /** The folder of a file of the store; a file system's root never is one. */
    static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent(), "a file of the store lies in a folder");
    }

    /** Makes a rename or a new name in a folder last. Some systems cannot open a folder; they are left to their own care. */
    static void syncFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException notHere) {
            log.debug("{} cannot be synced: {}", folder, Reason.of(notHere));
        }
    }

    /** Deletes a folder and all in it, links and not what they point at; what cannot go now is left for the next sweep. */
    static void deleteTree(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path done, @Nullable IOException failure) throws IOException {
                    Files.deleteIfExists(done);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException gone) {
            log.trace("{} is gone already", folder);
        } catch (IOException stubborn) {
            log.warn("{} could not be deleted: {}; the next pull tries again", folder, Reason.of(stubborn));
        }
    }

    /** Bytes in all files of a folder that another program may be changing meanwhile. */
    static long bytesIn(Path folder) {
        LongAdder sum = new LongAdder();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum.add(attributes.size());
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException vanished) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path done, @Nullable IOException vanished) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException gone) {
            log.trace("{} is gone", folder);
        }
        return sum.sum();
    }
}
