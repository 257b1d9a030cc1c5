package io.flowstate.app;

import io.flowstate.core.Check;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How output files are called: a relative path in which <code>{track}</code>, <code>{stem}</code>, <code>{ext}</code>, <code>{folder}</code> and <code>{n}</code> are
 * filled in. What comes of it always lies below the output folder.
 */
record NameTemplate(String text) {
    private static final Pattern VARIABLE = Pattern.compile("\\{([^{}]*)}");
    private static final List<String> KNOWN = List.of("track", "stem", "ext", "folder", "n");

    private static final String INPUT = "the input ";

    /** Made after what its check needs. */
    static final NameTemplate DEFAULT = new NameTemplate("{track}-stems/{stem}.{ext}");

    NameTemplate {
        Check.that(!text.isBlank(), "name", "must not be empty");
        VARIABLE.matcher(text)
                .results()
                .map(found -> found.group(1))
                .forEach(variable -> Check.that(
                        KNOWN.contains(variable),
                        "name",
                        "has {%s}, which is not known; there are {track}, {stem}, {ext}, {folder} and {n}",
                        variable));
        boolean climbs = Arrays.asList(text.split("[/\\\\]", -1)).contains("..");
        Check.that(
                !climbs && !text.startsWith("/") && !text.matches("(?s)[A-Za-z]:.*"),
                "name",
                "must be a path below the output folder, with no / at its start and no '..' in it");
        Check.that(!text.endsWith("/"), "name", "must end with a file name");
    }

    /** The output file for one stem of a track; several tracks or stems may come out alike, see {@link #requireDistinct}. */
    Path resolve(Path out, Track track, String stem, String extension) {
        Map<String, String> values = Map.of(
                "track", track.name(),
                "stem", stem,
                "ext", extension,
                "folder", track.folder(),
                "n", "%02d".formatted(track.number()));
        String filled = VARIABLE.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), "")));
        Path path = out;
        for (String part : filled.split("/", -1)) {
            path = part.isEmpty() ? path : path.resolve(part);
        }
        Path target = path.normalize();
        if (!target.startsWith(out.normalize()) || target.equals(out.normalize())) {
            throw FlowError.of(Code.BAD_REQUEST, "name gives %s, which is outside of the output folder.", filled)
                    .field("name");
        }
        return target;
    }

    private static FlowError clash(String output, Path target, String other) {
        return FlowError.of(Code.BAD_REQUEST, "%s would be written to %s, which is also %s.", output, target, other)
                .field("name")
                .advice(
                        other.startsWith(INPUT)
                                ? "Choose another folder with -o, or another --name; inputs are never written over."
                                : "Tell them apart with --name, e.g. '{folder}/{track}/{stem}.{ext}' or '{n}-{track}/{stem}.{ext}'.");
    }

    /**
     * Checks before any work that no two outputs are the same file and that none is an input.
     *
     * @param stems every output name that a track may get
     * @throws FlowError naming both
     */
    void requireDistinct(Path out, List<Track> tracks, List<String> stems, String extension) {
        Map<Path, String> owners = new TreeMap<>();
        tracks.forEach(track -> owners.put(track.file().normalize(), INPUT + track.shown()));
        for (Track track : tracks) {
            for (String stem : stems) {
                Path target = resolve(out, track, stem, extension);
                String output = "%s of %s".formatted(stem, track.shown());
                String other = owners.put(target, output);
                if (other != null) {
                    throw clash(output, target, other);
                }
            }
        }
    }
}
