package io.flowstate.storage.blob;

import io.flowstate.core.Reason;
import io.flowstate.core.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as files of one folder, each at the path that its key spells. Any number of processes may use the folder at once.
 *
 * <pre>
 * jobs/01k9…/vocals.wav   a blob
 * .unfinished/{uuid}      one in the making; no key can lead here
 * </pre>
 *
 * A blob is synced before it is renamed to its place, and the folders above it after that, so that what {@link Writer#commit} has acknowledged is there after a power cut. Folders
 * come with the first blob in them and go with the last.
 */
public final class DiskBlobs implements BlobStore {
    private static final Logger log = LoggerFactory.getLogger(DiskBlobs.class);

    /** How often a folder may be taken away, by whoever deletes the last blob in it, while a new blob is on its way there. */
    private static final int PLACING_TRIES = 100;

    private final Path root;
    private final Path unfinished;

    /** @param root made if it is not there, then for this user alone */
    public DiskBlobs(Path root) throws IOException {
        this.root = root.toAbsolutePath().normalize();
        this.unfinished = this.root.resolve(".unfinished");
        if (!Files.isDirectory(this.root)) {
            Files.createDirectories(this.root, oursAlone());
        }
    }

    /** @throws IOException if the folder is gone, as when its disk is not mounted, or may not be written to */
    public void requireReachable() throws IOException {
        if (!Files.isDirectory(root) || !Files.isWritable(root)) {
            throw new FileSystemException(root.toString(), null, "is not a folder that can be written to");
        }
    }

    @Override
    public Writer create(String key) throws IOException {
        Path target = path(key);
        Files.createDirectories(unfinished);
        return new DiskWriter(this, unfinished.resolve(UUID.randomUUID().toString()), target);
    }

    @Override
    public InputStream read(String key, long from, long length) throws IOException {
        Keys.requireRange(from, length);
        FileChannel channel = FileChannel.open(file(key), StandardOpenOption.READ);
        try {
            long size = channel.size();
            long start = Math.min(from, size);
            return new DiskRead(channel.position(start), Math.min(length, size - start), key);
        } catch (IOException failed) {
            channel.close();
            throw failed;
        }
    }

    @Override
    public OptionalLong size(String key) throws IOException {
        try {
            return OptionalLong.of(Files.size(file(key)));
        } catch (NoSuchFileException none) {
            return OptionalLong.empty();
        }
    }

    @Override
    public Path file(String key, Path scratch) throws IOException {
        return file(key);
    }

    @Override
    public void delete(String key) throws IOException {
        Path file = path(key);
        if (!Files.isDirectory(file) && Files.deleteIfExists(file)) {
            deleteEmptyFolders(parent(file));
        }
    }

    @Override
    public List<Entry> list(String prefix, String after, int atMost) throws IOException {
        return DiskListing.of(root, prefix, after, atMost);
    }

    @Override
    public void each(String prefix, Visitor visitor) throws IOException {
        DiskListing.each(root, prefix, visitor);
    }

    @Override
    public int sweepUnfinished(List<String> prefixes, Instant before) throws IOException {
        int swept = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(unfinished)) {
            for (Path file : files) {
                if (isOlder(file, before) && Files.deleteIfExists(file)) {
                    swept++;
                }
            }
        } catch (NoSuchFileException noneYet) {
            return 0;
        }
        return swept;
    }

    /** Gives a finished file its place, and makes that last. */
    void place(Path fresh, Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "a folder of other blobs, so it cannot be one");
        }
        move(fresh, target);
        for (Path folder = parent(target); folder.startsWith(root); folder = parent(folder)) {
            sync(folder);
        }
    }

    private void move(Path fresh, Path target) throws IOException {
        for (int left = PLACING_TRIES; ; left--) {
            try {
                Files.createDirectories(parent(target));
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return;
            } catch (FileSystemException refused) {
                requireNoBlobAbove(target);
                boolean folderTaken =
                        refused instanceof NoSuchFileException || refused instanceof FileAlreadyExistsException;
                if (!folderTaken || left == 0 || !Files.exists(fresh)) {
                    throw refused;
                }
            }
        }
    }

    private void requireNoBlobAbove(Path target) throws IOException {
        for (Path folder = parent(target); !folder.equals(root); folder = parent(folder)) {
            if (Files.isRegularFile(folder)) {
                throw new FileAlreadyExistsException(
                        folder.toString(), null, "a blob, so it cannot be the folder of others");
            }
        }
    }

    private Path path(String key) {
        return root.resolve(Keys.require(key));
    }

    /** @throws NoSuchFileException if there is no such blob; it names the key */
    private Path file(String key) throws IOException {
        Path file = path(key);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(key);
        }
        return file;
    }

    private void deleteEmptyFolders(Path from) throws IOException {
        try {
            for (Path folder = from; !folder.equals(root); folder = parent(folder)) {
                Files.deleteIfExists(folder);
            }
        } catch (DirectoryNotEmptyException | NotDirectoryException inUse) {
            log.trace("{} stays", inUse.getFile());
        }
    }

    private static boolean isOlder(Path file, Instant than) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(than);
        } catch (NoSuchFileException finishedMeanwhile) {
            return false;
        }
    }

    /** Makes new names in a folder last. Some systems cannot open a folder; they are left to their own care. */
    private static void sync(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException notHere) {
            log.debug("{} cannot be synced: {}", folder, Reason.of(notHere));
            return;
        }
        try (channel) {
            channel.force(true);
        }
    }

    private static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent(), "a file of the store lies in a folder");
    }

    private static FileAttribute<?>[] oursAlone() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
