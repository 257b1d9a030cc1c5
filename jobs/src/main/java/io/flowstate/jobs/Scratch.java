package io.flowstate.jobs;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of this process alone, for inputs on their way. It is locked as long as the process lives, so that the next one finds what a killed one left and removes it; the
 * number of a process would not do, as containers that share a volume have the same ones.
 *
 * <pre>
 * gate             held while folders are made or removed
 * {uuid}.lock      held while the process lives
 * {uuid}/          its folder
 * </pre>
 */
public final class Scratch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Scratch.class);
    private static final String LOCK = ".lock";

    private final Path folder;
    private final Path lockFile;
    private final FileChannel lock;

    private Scratch(Path folder, Path lockFile, FileChannel lock) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Makes a folder below {@code parent}, and removes those there whose processes are gone.
     *
     * @throws FlowError {@code BAD_CONFIG} if that is not possible
     */
    public static Scratch open(Path parent) {
        try {
            Files.createDirectories(
                    parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return inTurn(parent);
        } catch (IOException refused) {
            throw FlowError.of(
                            Code.BAD_CONFIG,
                            "The folder for files on their way, %s, cannot be used: %s.",
                            parent,
                            Reason.of(refused))
                    .field("data.folder")
                    .advice("Name a folder that can be written to.")
                    .causedBy(refused);
        }
    }

    /** One at a time, here and in other processes: a folder must not be taken for abandoned before its lock is held. */
    private static synchronized Scratch inTurn(Path parent) throws IOException {
        try (FileChannel gate = open(parent, "gate")) {
            gate.lock();
            removeAbandoned(parent);
            String name = UUID.randomUUID().toString();
            FileChannel lock = open(parent, name + LOCK);
            lock.lock();
            return new Scratch(Files.createDirectory(parent.resolve(name)), parent.resolve(name + LOCK), lock);
        }
    }

    private static FileChannel open(Path parent, String file) throws IOException {
        return FileChannel.open(parent.resolve(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void removeAbandoned(Path parent) throws IOException {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(parent, "*" + LOCK)) {
            for (Path each : locks) {
                if (isAbandoned(each)) {
                    String name = String.valueOf(each.getFileName());
                    Path folder = parent.resolve(name.substring(0, name.length() - LOCK.length()));
                    log.info("removing {}, which a process that is gone left behind", folder);
                    remove(folder);
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    private static boolean isAbandoned(Path lockFile) throws IOException {
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException ours) {
            return false;
        }
    }

    public Path folder() {
        return folder;
    }

    /** Removes the folder with all that is in it. */
    @Override
    public void close() {
        try (lock) {
            remove(folder);
            Files.deleteIfExists(lockFile);
        } catch (IOException stuck) {
            log.warn("{} could not be removed; the next start tries again: {}", folder, Reason.of(stuck));
        }
    }

    private static void remove(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException unread) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
