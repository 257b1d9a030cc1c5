package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import io.flowstate.core.spi.Outputs;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The output files of one track: written as hidden files beside their targets, renamed when all are done, so that a name never shows half a file.
 *
 * <p>Thread-safe: a stop signal may {@link #close} it while the work still writes; nothing can be opened or published after that, and nothing is left behind. What a
 * killed process left (its hidden files carry its number) is removed when the same target is written again.
 */
final class TrackOutputs implements Outputs, AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    /** A number of more digits is no process's. */
    private static final Pattern PART = Pattern.compile("\\.(?<target>.*)\\.(?<process>\\d{1,18})\\.part");

    private final Function<Description, Path> naming;
    private final List<Part> parts = new ArrayList<>();
    private final List<Path> madeFolders = new ArrayList<>();
    private boolean closed;
    private @Nullable IOException failure;

    /** A finished output. */
    record Written(String stem, Path file, long bytes) {}

    private record Part(String stem, Path hidden, Path target, OutputStream stream) {}

    /** @param naming the target, absolute, of each output */
    TrackOutputs(Function<Description, Path> naming) {
        this.naming = naming;
    }

    @Override
    public synchronized OutputStream open(Description description) throws IOException {
        if (closed) {
            throw new IOException("the work was stopped");
        }
        Path target = naming.apply(description);
        try {
            Path folder = folderOf(target);
            makeFolders(folder);
            sweep(folder, String.valueOf(target.getFileName()));
            Path hidden = folder.resolve(".%s.%d.part"
                    .formatted(target.getFileName(), ProcessHandle.current().pid()));
            OutputStream stream =
                    new Watched(Files.newOutputStream(hidden, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
            parts.add(new Part(description.name(), hidden, target, stream));
            return new BufferedOutputStream(stream, BUFFER_BYTES);
        } catch (IOException refused) {
            failed(refused);
            throw refused;
        }
    }

    @Override
    public synchronized boolean discard() {
        for (Part part : parts) {
            deleteQuietly(part);
        }
        parts.clear();
        return true;
    }

    /**
     * Gives all files their names, over whatever had them.
     *
     * @throws FlowError if that fails; those that were not renamed are removed by {@link #close}
     */
    synchronized List<Written> publish() {
        if (closed) {
            throw FlowError.of(Code.CANCELED, "The work was stopped.");
        }
        List<Written> written = new ArrayList<>();
        try {
            for (Part part : parts) {
                Files.move(
                        part.hidden(),
                        part.target(),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                written.add(new Written(part.stem(), part.target(), Files.size(part.target())));
            }
        } catch (IOException refused) {
            throw asError(refused);
        }
        parts.clear();
        madeFolders.clear();
        return written;
    }

    /** Why writing failed, if it did; more telling than what the writer made of it. */
    synchronized Optional<FlowError> failure() {
        return Optional.ofNullable(failure).map(TrackOutputs::asError);
    }

    /** Removes what was not published, and the folders that were made for it. */
    @Override
    public synchronized void close() {
        closed = true;
        discard();
        for (Path folder : madeFolders.reversed()) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException inUse) {
                return;
            }
        }
        madeFolders.clear();
    }

    /**
     * Tries before any work whether files can be made where {@code target} will be, without leaving one.
     *
     * @throws FlowError {@code OUTPUT_NOT_WRITABLE} or {@code DISK_FULL}
     */
    static void requireWritable(Path target) {
        Path folder = folderOf(target);
        while (!Files.exists(folder) && folder.getParent() != null) {
            folder = folderOf(folder);
        }
        if (!Files.isDirectory(folder)) {
            throw notWritable(folder + " is a file, not a folder");
        }
        try {
            Path probe = folder.resolve(
                    ".flowstate.%d.part".formatted(ProcessHandle.current().pid()));
            Files.write(probe, new byte[1]);
            Files.delete(probe);
        } catch (IOException refused) {
            throw asError(refused);
        }
    }

    private synchronized void failed(IOException refused) {
        if (failure == null) {
            failure = refused;
        }
    }

    private void makeFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            makeFolders(parent);
        }
        try {
            Files.createDirectory(folder);
            madeFolders.add(folder);
        } catch (FileAlreadyExistsException raced) {
            if (!Files.isDirectory(folder)) {
                throw raced;
            }
        }
    }

    /** Removes the hidden files of a target that nobody writes any more. */
    private void sweep(Path folder, String name) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, file -> isLeftover(file, name))) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    /** Our own number may have been that of a killed process before us (in a container it is that every time), so it counts only for what we have open. */
    private boolean isLeftover(Path file, String name) {
        Matcher part = PART.matcher(String.valueOf(file.getFileName()));
        if (!part.matches() || !part.group("target").equals(name)) {
            return false;
        }
        long owner = Long.parseLong(part.group("process"));
        return owner == ProcessHandle.current().pid()
                ? parts.stream().noneMatch(open -> open.hidden().equals(file))
                : ProcessHandle.of(owner).isEmpty();
    }

    private static Path folderOf(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        return folder == null ? target : folder;
    }

    private static void deleteQuietly(Part part) {
        try {
            part.stream().close();
            Files.deleteIfExists(part.hidden());
        } catch (IOException leftForTheSweep) {
            // The next run that writes this target removes it.
        }
    }

    private static FlowError asError(IOException refused) {
        String reason = String.valueOf(refused.getMessage());
        if (DiskFull.isReasonOf(refused)) {
            return FlowError.of(Code.DISK_FULL, "The disk of the output folder is full.")
                    .advice("Free some space, or choose another folder with -o; nothing half-done was left there.")
                    .causedBy(refused);
        }
        return notWritable(refused instanceof FileSystemException file ? plain(file) : reason)
                .causedBy(refused);
    }

    private static FlowError notWritable(String why) {
        return FlowError.of(Code.OUTPUT_NOT_WRITABLE, "The output cannot be written: %s.", why)
                .advice("Choose a folder that you may write to with -o.");
    }

    /** Names the folder: the user knows it, and not the hidden files in it. */
    private static String plain(FileSystemException refused) {
        Path file = Path.of(String.valueOf(refused.getFile()));
        return switch (refused) {
            case FileAlreadyExistsException _ -> file + " is in the way";
            case NoSuchFileException _ ->
                Files.isDirectory(folderOf(file))
                        ? "the system makes no files in %s (No such file or directory)".formatted(folderOf(file))
                        : folderOf(file) + " is gone";
            case AccessDeniedException _ -> "you may not write to " + folderOf(file);
            default -> "%s (%s)".formatted(folderOf(file), refused.getReason());
        };
    }

    /** Remembers the first failure, which the writer may report in its own words or not at all. */
    private final class Watched extends FilterOutputStream {
        Watched(OutputStream to) {
            super(to);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException refused) {
                failed(refused);
                throw refused;
            }
        }
    }
}
