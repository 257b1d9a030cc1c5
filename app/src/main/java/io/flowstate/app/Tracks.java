package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inputs of a batch, found from what was named: a file is taken as it is; of a folder every audio file in it and below, sorted by path. Hidden files and folders are
 * passed over, and so are our own results: folders called {@code ...-stems}, the folder for outputs when it lies below the one that was named, and what an earlier run
 * with the same template made of a track that is there. A file that is named twice counts once.
 */
final class Tracks {
    static final Set<String> EXTENSIONS = Set.of(
            "aac", "ac3", "aif", "aifc", "aiff", "amr", "ape", "au", "caf", "flac", "m4a", "m4b", "mka", "mov", "mp2",
            "mp3", "mp4", "oga", "ogg", "opus", "rf64", "tta", "w64", "wav", "webm", "wma", "wv");

    private static final Logger log = LoggerFactory.getLogger(Tracks.class);
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*", Pattern.DOTALL);

    private final Terminal terminal;
    private final NameTemplate naming;
    private final Optional<Path> out;
    private final List<Input> inputs = new ArrayList<>();
    private final Set<Path> seen = new HashSet<>();
    private int count;

    /** What became of something that was named, or of a file in it. */
    sealed interface Input permits Track, Missing {
        /** Just as it was named, or below that; messages call it so. */
        String shown();
    }

    /** A name that gave nothing. */
    record Missing(String shown, FlowError why) implements Input {}

    private Tracks(Terminal terminal, NameTemplate naming, Optional<Path> out) {
        this.terminal = terminal;
        this.naming = naming;
        this.out = out;
    }

    /**
     * Looks at every name; what is not there is kept as an error of its own, so that the others are still done.
     *
     * @param out folder for outputs, absolute; it need not be there
     */
    static Tracks of(Terminal terminal, List<String> named, NameTemplate naming, Path out) {
        Tracks tracks = new Tracks(terminal, naming, real(out));
        named.forEach(tracks::add);
        return tracks;
    }

    /** Where there is no folder yet, there are no results in it. */
    private static Optional<Path> real(Path out) {
        try {
            return Optional.of(out.toRealPath());
        } catch (IOException notYet) {
            return Optional.empty();
        }
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

    private void add(String named) {
        Path path = terminal.folder().resolve(named);
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                addFolder(path, named);
            } else if (attributes.isRegularFile()) {
                addTrack(path, named, "");
            } else {
                addMissing(path, named, noFile(named));
            }
        } catch (NoSuchFileException absent) {
            addMissing(path, named, absent(named));
        } catch (IOException unreadable) {
            addUnreadable(path, named, unreadable);
        }
    }

    private static FlowError absent(String named) {
        if (named.equals("-")) {
            return noFile(named);
        }
        return ADDRESS.matcher(named).matches()
                ? FlowError.of(Code.NOT_FOUND, "%s is an address, and inputs are files and folders.", named)
                        .advice("Fetch it first, for example with curl -LO, and name the file.")
                : FlowError.of(Code.NOT_FOUND, "There is no file %s.", named)
                        .advice("Check the name; quote it if it holds spaces.");
    }

    private static FlowError noFile(String named) {
        return FlowError.of(Code.NOT_FOUND, "%s is no file; pipes and devices are not taken as inputs.", named)
                .advice("Write it into a file first (cat > song.wav), because a song is read twice, and name that.");
    }

    /** Once for a name, however often it is given. */
    private void addMissing(Path path, String shown, FlowError why) {
        if (seen.add(path.normalize())) {
            inputs.add(new Missing(shown, why));
        }
    }

    private void addUnreadable(Path path, String shown, IOException failed) {
        String why = failed instanceof FileSystemException refused ? Reason.kind(refused) : Reason.of(failed);
        addMissing(
                path,
                shown,
                FlowError.of(Code.AUDIO_UNREADABLE, "%s cannot be read: %s.", shown, why)
                        .advice("Check that you may read it.")
                        .causedBy(failed));
    }

    private void addFolder(Path folder, String named) throws IOException {
        // A link to a folder is followed when it was named, and not when it is met on the way.
        Path top = folder.toRealPath();
        AudioFinder finder = new AudioFinder(top, out);
        Files.walkFileTree(top, finder);
        finder.skipped.forEach(path -> log.info("{} is left out: results go there", shown(named, top, path)));
        finder.unreadable.forEach(
                (path, why) -> addUnreadable(folder.resolve(top.relativize(path)), shown(named, top, path), why));
        if (finder.audio.isEmpty() && finder.unreadable.isEmpty()) {
            addMissing(folder, named, noAudio(named));
        }
        List<Track> tracks = finder.audio.stream()
                .sorted()
                .map(file -> new Track(file, shown(named, top, file), below(top, file), 0))
                .toList();
        Set<Track> results = out.map(place -> new EarlierResults(naming, place).among(tracks))
                .orElse(Set.of());
        for (Track track : tracks) {
            if (results.contains(track)) {
                log.info("{} is left out: an earlier run made it", track.shown());
            } else {
                addTrack(folder.resolve(top.relativize(track.file())), track.shown(), track.folder());
            }
        }
    }

    private static FlowError noAudio(String named) {
        return FlowError.of(Code.NOT_FOUND, "There is no audio file in %s.", named)
                .advice(
                        "Files are taken by their extension: %s.",
                        String.join(", ", EXTENSIONS.stream().sorted().toList()));
    }

    private static String shown(String named, Path top, Path path) {
        return path.equals(top) ? named : named + (named.endsWith("/") ? "" : "/") + top.relativize(path);
    }

    private static String below(Path top, Path file) {
        Path folder = top.relativize(file).getParent();
        return folder == null ? "" : folder.toString().replace('\\', '/');
    }

    private void addTrack(Path file, String shown, String folder) {
        try {
            if (seen.add(file.toRealPath())) {
                inputs.add(new Track(file, shown, folder, ++count));
            }
        } catch (IOException unreadable) {
            addUnreadable(file, shown, unreadable);
        }
    }

    /** Gathers audio files by extension; does not follow links to folders, so that it always ends. */
    private static final class AudioFinder extends SimpleFileVisitor<Path> {
        private final Path top;
        private final Optional<Path> out;
        private final List<Path> audio = new ArrayList<>();
        private final List<Path> skipped = new ArrayList<>();
        private final Map<Path, IOException> unreadable = new LinkedHashMap<>();

        /** @param out where results go; what is named itself is searched all the same */
        AudioFinder(Path top, Optional<Path> out) {
            this.top = top;
            this.out = out;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (isPassedOver(folder)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (!folder.equals(top) && out.equals(Optional.of(folder))) {
                skipped.add(folder);
                return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
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
