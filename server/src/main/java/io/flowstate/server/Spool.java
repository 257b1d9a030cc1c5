package io.flowstate.server;

import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder where bodies and unfinished answers lie. Each request has a room of its own in it, which is emptied and removed with the request, whatever became of it.
 * Rooms are named after their process, so that those of one that was killed are found and removed by the next.
 */
final class Spool {
    private static final Logger log = LoggerFactory.getLogger(Spool.class);
    private static final Pattern ROOM = Pattern.compile("flowstate-(\\d{1,18})-.*");
    private static final long SPARE_BYTES = 1 << 20;
    private static final FileAttribute<?> ONLY_ME =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path folder;

    private Spool(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes the folder, for this user alone, if need be, and removes what dead processes left there.
     *
     * @throws FlowError {@link Code#BAD_CONFIG} if it cannot be used, or belongs to another user, who could exchange what is in it
     */
    static Spool in(Path folder) {
        try {
            Files.createDirectories(folder, ONLY_ME);
            requireOwn(folder);
            removeOrphans(folder);
            return new Spool(folder);
        } catch (IOException refused) {
            throw FlowError.of(Code.BAD_CONFIG, "The spool folder %s cannot be used: %s.", folder, Reason.of(refused))
                    .field("server.spool")
                    .advice("Name a folder that can be written to.")
                    .causedBy(refused);
        }
    }

    /** Whoever a new folder belongs to is who we are, whether or not the system has a name for it. */
    private static void requireOwn(Path folder) throws IOException {
        Path mine = Files.createTempDirectory(folder, roomPrefix());
        UserPrincipal me = Files.getOwner(mine);
        Files.delete(mine);
        UserPrincipal owner = Files.getOwner(folder);
        if (!owner.equals(me)) {
            throw FlowError.of(
                            Code.BAD_CONFIG,
                            "The spool folder %s belongs to %s, but this server runs as %s.",
                            folder,
                            owner.getName(),
                            me.getName())
                    .field("server.spool")
                    .advice("Name a folder of the server's own user, or one that does not exist yet.");
        }
    }

    /** Several servers that start together look at the same rooms, so one that is gone meanwhile is no failure. */
    private static void removeOrphans(Path folder) throws IOException {
        try (DirectoryStream<Path> rooms = Files.newDirectoryStream(folder)) {
            for (Path room : rooms) {
                if (isOrphan(room)) {
                    log.info("removing {}, which a process that is gone left behind", room);
                    remove(room);
                }
            }
        } catch (DirectoryIteratorException unreadable) {
            throw unreadable.getCause();
        }
    }

    private static String roomPrefix() {
        return "flowstate-" + ProcessHandle.current().pid() + "-";
    }

    Room room() {
        try {
            return new Room(Files.createTempDirectory(folder, roomPrefix()));
        } catch (IOException refused) {
            throw failure(refused);
        }
    }

    /** What it means to the caller that the spool refused bytes. */
    FlowError failure(IOException refused) {
        boolean full = folder.toFile().getUsableSpace() < SPARE_BYTES || DiskFull.isReasonOf(refused);
        FlowError error = full
                ? FlowError.of(Code.DISK_FULL, "The server has no disk space left for the request.")
                        .advice("Try later, or send less audio.")
                : FlowError.of(Code.OUTPUT_NOT_WRITABLE, "The server cannot use its spool folder.")
                        .advice("The server's operator finds the reason in its log.");
        log.warn("spool folder {}: {}", folder, refused.toString());
        return error.causedBy(refused);
    }

    /** One request's files. */
    final class Room implements AutoCloseable {
        private final Path path;

        private Room(Path path) {
            this.path = path;
        }

        Path path() {
            return path;
        }

        Path file(String name) {
            return path.resolve(name);
        }

        FlowError failure(IOException refused) {
            return Spool.this.failure(refused);
        }

        @Override
        public void close() {
            try {
                remove(path);
            } catch (IOException stuck) {
                log.warn("{} could not be removed; the next start of the server tries again", path, stuck);
            }
        }
    }

    /** A process id may be used again, so our own counts only for rooms that are younger than we are. */
    private static boolean isOrphan(Path room) throws IOException {
        Matcher name = ROOM.matcher(room.getFileName().toString());
        if (!name.matches()) {
            return false;
        }
        long pid = Long.parseLong(name.group(1));
        ProcessHandle self = ProcessHandle.current();
        if (pid != self.pid()) {
            return ProcessHandle.of(pid).isEmpty();
        }
        try {
            return self.info()
                    .startInstant()
                    .filter(Files.getLastModifiedTime(room).toInstant()::isBefore)
                    .isPresent();
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    /** Deletes a room and all in it; what somebody else deletes at the same time counts as deleted. */
    static void remove(Path room) throws IOException {
        Files.walkFileTree(room, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException unread) throws IOException {
                if (unread instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw unread;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException unread) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
