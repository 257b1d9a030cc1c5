package io.flowstate.storage.blob;

import io.flowstate.core.spi.BlobStore;
import io.flowstate.core.spi.BlobStore.Entry;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Walks a folder in the order of its blobs' keys, holding the names of no more than one folder per level.
 *
 * <p>The order of keys is not that of names: the folder {@code a} comes after the file {@code a.b}, because its keys begin with {@code a/}, and a slash comes after a dot. Each name
 * therefore waits in a queue as what a file of that name would be; if it turns out to be a folder when its turn comes, it goes back with the slash. So only what is reached
 * is looked at, which matters in a folder of many jobs.
 */
final class DiskListing {
    private final String prefix;
    private final String after;
    private final BlobStore.Visitor visitor;
    private long left;

    private DiskListing(String prefix, String after, long atMost, BlobStore.Visitor visitor) {
        this.prefix = prefix;
        this.after = after;
        this.left = atMost;
        this.visitor = visitor;
    }

    static List<Entry> of(Path root, String prefix, String after, int atMost) throws IOException {
        if (atMost < 1) {
            throw new IllegalArgumentException("a list of at most %d".formatted(atMost));
        }
        List<Entry> found = new ArrayList<>();
        new DiskListing(prefix, after, atMost, found::add).walk(root, "");
        return List.copyOf(found);
    }

    static void each(Path root, String prefix, BlobStore.Visitor visitor) throws IOException {
        new DiskListing(prefix, "", Long.MAX_VALUE, visitor).walk(root, "");
    }

    /** @param start of the keys in this folder: empty, or its key and a slash */
    private void walk(Path folder, String start) throws IOException {
        PriorityQueue<String> waiting = names(folder, start);
        while (left > 0 && !waiting.isEmpty()) {
            String next = waiting.remove();
            if (next.endsWith("/")) {
                walk(folder.resolve(next.substring(start.length())), next);
            } else {
                look(folder.resolve(next.substring(start.length())), next, waiting);
            }
        }
    }

    private void look(Path file, String key, PriorityQueue<String> waiting) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException deletedMeanwhile) {
            return;
        }
        if (attributes.isDirectory()) {
            waiting.add(key + "/");
        } else if (attributes.isRegularFile() && key.startsWith(prefix) && key.compareTo(after) > 0) {
            left--;
            visitor.see(new Entry(
                    key, attributes.size(), attributes.lastModifiedTime().toInstant()));
        }
    }

    private PriorityQueue<String> names(Path folder, String start) throws IOException {
        PriorityQueue<String> names = new PriorityQueue<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (Keys.isWord(name) && mayHold(start + name)) {
                    names.add(start + name);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException deletedMeanwhile) {
            return new PriorityQueue<>();
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
        return names;
    }

    /** Whether it may be, or may be a folder of, something that is asked for. */
    private boolean mayHold(String key) {
        String asFolder = key + "/";
        boolean hasPrefix = asFolder.startsWith(prefix) || prefix.startsWith(asFolder);
        boolean comesAfter = asFolder.compareTo(after) > 0 || after.startsWith(asFolder);
        return hasPrefix && comesAfter;
    }
}
