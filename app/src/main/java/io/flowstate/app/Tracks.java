package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The inputs of a batch, found from what was named: a file is taken as it is; of a folder every audio file in it and below, sorted by path. Hidden files and folders are
 * passed over, and so are folders called {@code ...-stems}, which are our own results. A file that is named twice counts once.
 */
final class Tracks {
    static final Set<String> EXTENSIONS = Set.of(
            "aac", "ac3", "aif", "aifc", "aiff", "amr", "ape", "au", "caf", "flac", "m4a", "m4b", "mka", "mov", "mp2",
            "mp3", "mp4", "oga", "ogg", "opus", "rf64", "tta", "w64", "wav", "webm", "wma", "wv");

    private final Terminal terminal;
    private final List<Input> inputs = new ArrayList<>();
    private final Set<Path> seen = new HashSet<>();
    private int count;

    /** What became of something that was named, or of a file in it. */
    sealed interface Input permits Track, Missing {
        /** As messages name it. */
        String shown();
    }

    /** A name that gave nothing. */
    record Missing(String shown, FlowError why) implements Input {}

    private Tracks(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Looks at every name; what is not there is kept as an error of its own, so that the others are still done. */
    static Tracks of(Terminal terminal, List<Path> named) {
        Tracks tracks = new Tracks(terminal);
        named.forEach(tracks::add);
        return tracks;
    }

    /** In the order in which they were named. */
    List<Input> inputs() {
        return List.copyOf(inputs);
    }

    List<Track> found() {
        return inputs.stream()
                .filter(Track.class::isInstance)
                .map(Track.class::cast)
                .toList();
    }

    List<Missing> missing() {
        return inputs.stream()
                .filter(Missing.class::isInstance)
                .map(Missing.class::cast)
                .toList();
    }

    private void add(Path named) {
        Path path = terminal.folder().resolve(named);
        try {
            if (Files.isDirectory(path)) {
                addFolder(path);
            } else if (Files.isRegularFile(path)) {
                addFile(path, "");
            } else {
                addMissing(
                        path,
                        FlowError.of(Code.NOT_FOUND, "There is no file %s.", terminal.shown(path))
                                .advice("Check the name; quote it if it holds spaces."));
            }
        } catch (IOException unreadable) {
            addUnreadable(path, unreadable);
        }
    }

    /** Once for a name, however often it is given. */
    private void addMissing(Path path, FlowError why) {
        if (seen.add(path.normalize())) {
            inputs.add(new Missing(terminal.shown(path), why));
        }
    }

    private void addUnreadable(Path path, IOException reason) {
        addMissing(
                path,
                FlowError.of(
                                Code.AUDIO_UNREADABLE,
                                "%s cannot be read (%s).",
                                terminal.shown(path),
                                reason.getClass().getSimpleName())
                        .advice("Check that you may read it.")
                        .causedBy(reason));
    }

    private void addFolder(Path folder) throws IOException {
        AudioFinder finder = new AudioFinder(folder);
        Files.walkFileTree(folder, finder);
        finder.unreadable.forEach(this::addUnreadable);
        if (finder.audio.isEmpty() && finder.unreadable.isEmpty()) {
            addMissing(
                    folder,
                    FlowError.of(Code.NOT_FOUND, "There is no audio file in %s.", terminal.shown(folder))
                            .advice(
                                    "Files are taken by their extension: %s.",
                                    String.join(
                                            ", ", EXTENSIONS.stream().sorted().toList())));
        }
        for (Path file : finder.audio.stream().sorted().toList()) {
            Path below = folder.relativize(file).getParent();
            addFile(file, below == null ? "" : below.toString().replace('\\', '/'));
        }
    }

    private void addFile(Path file, String folder) {
        try {
            if (seen.add(file.toRealPath())) {
                inputs.add(new Track(file, terminal.shown(file), folder, ++count));
            }
        } catch (IOException unreadable) {
            addUnreadable(file, unreadable);
        }
    }

    /** Gathers audio files by extension; does not follow links to folders, so that it always ends. */
    private static final class AudioFinder extends SimpleFileVisitor<Path> {
        private final Path top;
        private final List<Path> audio = new ArrayList<>();
        private final Map<Path, IOException> unreadable = new LinkedHashMap<>();

        AudioFinder(Path top) {
            this.top = top;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return isPassedOver(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        private boolean isPassedOver(Path folder) {
            String name = String.valueOf(folder.getFileName());
            return !folder.equals(top) && (name.startsWith(".") || name.endsWith("-stems"));
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = String.valueOf(file.getFileName());
            String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
            if (!name.startsWith(".") && EXTENSIONS.contains(extension) && Files.isRegularFile(file)) {
                audio.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path folder, IOException reason) {
            if (!isPassedOver(folder)) {
                unreadable.put(folder, reason);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
