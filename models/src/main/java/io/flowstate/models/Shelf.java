package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Installed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The finished part of the store: files in the hub's layout, and a manifest per model that makes them an installed model. Thread-safe between processes.
 *
 * <pre>
 * models/{org}/{repo}/{commit}/{path}   files; those of other sources under flowstate/{model}
 * models/{org}/{repo}/refs/{revision}   the commit that a name led to when it was last asked
 * installed/{model}.properties          written last, deleted first
 * </pre>
 *
 * Readers take no lock: each file arrives by rename, and a model without its manifest is not there. Whoever adds or removes holds the shelf's lock, because two models may share files of one repository.
 */
final class Shelf {
    private static final String LOCK = "~shelf";
    /** {@code models/{org}/{repo}}. */
    private static final int REPOSITORY_DEPTH = 3;

    private final Path root;
    private final Path installed;
    private final Locks locks;

    Shelf(Path root, Locks locks) {
        this.root = root;
        this.installed = root.resolve("installed");
        this.locks = locks;
    }

    Optional<Manifest> manifest(Model model) {
        return Manifest.read(manifestFile(model.id())).filter(manifest -> manifest.matches(model));
    }

    /** The model if its manifest is the catalogue's and each file has its size. */
    Optional<Installed> find(Model model) {
        return manifest(model).flatMap(manifest -> {
            Map<String, Path> files = new HashMap<>();
            for (Map.Entry<String, Manifest.Entry> file : manifest.files().entrySet()) {
                Path path = path(file.getValue());
                if (!hasSize(path, file.getValue().sizeBytes())) {
                    return Optional.empty();
                }
                files.put(file.getKey(), path);
            }
            return Optional.of(new Installed(model, files));
        });
    }

    Path path(Manifest.Entry entry) {
        return root.resolve(entry.path());
    }

    /** Puts a delivery in its place; the model is installed when the manifest is there, not before. */
    void publish(Manifest manifest, Delivery delivery) {
        try (Locks.Held _ = locks.hold(LOCK, new Cancellation(), () -> {})) {
            Optional<Manifest> old = Manifest.read(manifestFile(manifest.model()));
            for (Delivery.Item item : delivery.items()) {
                Path target = root.resolve(home(delivery)).resolve(item.path());
                Files.createDirectories(Disk.parent(target));
                Files.move(item.staged(), target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                Disk.syncFolder(Disk.parent(target));
            }
            if (delivery.revision().isPresent()) {
                Path ref = root.resolve("models/%s/refs/%s"
                        .formatted(delivery.repository(), delivery.revision().get()));
                replace(ref, delivery.commit());
            }
            replace(manifestFile(manifest.model()), manifest.text());
            if (old.isPresent()) {
                deleteFiles(old.get());
            }
        } catch (IOException failed) {
            throw Disk.failure(failed, root);
        }
    }

    /** Takes a model off the shelf, with the files that no other model uses. True if it was there. */
    boolean remove(String modelId) {
        try (Locks.Held _ = locks.hold(LOCK, new Cancellation(), () -> {})) {
            Optional<Manifest> manifest = Manifest.read(manifestFile(modelId));
            boolean there = Files.deleteIfExists(manifestFile(modelId));
            if (manifest.isPresent()) {
                deleteFiles(manifest.get());
            }
            return there;
        } catch (IOException failed) {
            throw Disk.failure(failed, root);
        }
    }

    static String home(Delivery delivery) {
        return "models/%s/%s".formatted(delivery.repository(), delivery.commit());
    }

    private Path manifestFile(String modelId) {
        return installed.resolve(modelId + ".properties");
    }

    private void deleteFiles(Manifest manifest) throws IOException {
        Set<String> used = usedPaths();
        for (Manifest.Entry entry : manifest.files().values()) {
            if (!used.contains(entry.path())) {
                Files.deleteIfExists(path(entry));
                deleteEmptyFolders(Disk.parent(path(entry)));
            }
        }
    }

    private Set<String> usedPaths() throws IOException {
        Set<String> used = new HashSet<>();
        try (DirectoryStream<Path> manifests = Files.newDirectoryStream(installed, "*.properties")) {
            for (Path file : manifests) {
                Manifest.read(file)
                        .ifPresent(manifest -> manifest.files().values().forEach(entry -> used.add(entry.path())));
            }
        } catch (NoSuchFileException none) {
            return used;
        }
        return used;
    }

    private void deleteEmptyFolders(Path from) throws IOException {
        Path models = root.resolve("models");
        try {
            for (Path folder = from;
                    folder.startsWith(models) && !folder.equals(models);
                    folder = Disk.parent(folder)) {
                Files.deleteIfExists(folder);
            }
        } catch (DirectoryNotEmptyException inUse) {
            deleteIfOnlyRefs(from);
        }
    }

    /** A name that leads to no file any more is of no use. */
    private void deleteIfOnlyRefs(Path from) throws IOException {
        Path repository = root.resolve(root.relativize(from).subpath(0, REPOSITORY_DEPTH));
        try (Stream<Path> left = Files.list(repository)) {
            if (left.allMatch(each -> each.endsWith("refs"))) {
                Disk.deleteTree(repository);
            }
        }
    }

    private static void replace(Path file, String text) throws IOException {
        Files.createDirectories(Disk.parent(file));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Disk.syncFolder(Disk.parent(file));
    }

    private static boolean hasSize(Path file, long bytes) {
        try {
            return Files.isRegularFile(file) && Files.size(file) == bytes;
        } catch (IOException gone) {
            return false;
        }
    }
}
