package io.flowstate.app;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.Stem;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells music from what an earlier run with the same template made of it, whatever stems and formats that run had: a file is a result if its name reads as one and the
 * track that it names is there too. Two files that each could be made of the other are both music.
 */
final class EarlierResults {
    /** A folder that may be empty takes the slash after it along. */
    private static final Pattern VARIABLE = Pattern.compile("(?<=^\\\\Q|/)\\{folder}/|\\{[a-z]+}");

    private static final String STEMS = Arrays.stream(Stem.values())
            .flatMap(stem -> Stream.of(stem.id(), "no_" + stem.id()))
            .collect(Collectors.joining("|", "(?:", ")"));
    private static final String EXTENSIONS = Arrays.stream(AudioFormat.Container.values())
            .map(AudioFormat.Container::id)
            .collect(Collectors.joining("|", "(?:", ")"));

    private final Path out;
    private final Pattern shape;
    private final boolean namesTrack;
    private final boolean namesFolder;

    /** What a result's name says of its track; empty where the template says nothing. */
    private record Source(String track, String folder) {}

    /** @param out the real path of the folder for outputs */
    EarlierResults(NameTemplate template, Path out) {
        this.out = out;
        this.namesTrack = template.text().contains("{track}");
        this.namesFolder = template.text().contains("{folder}");
        this.shape = shape(template.text());
    }

    /** Those of one folder's tracks that were made of others of them; their files are real paths. */
    Set<Track> among(List<Track> tracks) {
        Map<Source, List<Track>> bySource = tracks.stream().collect(Collectors.groupingBy(this::asSource));
        return tracks.stream()
                .filter(track -> source(track).stream()
                        .flatMap(source -> bySource.getOrDefault(source, List.of()).stream())
                        .anyMatch(other -> !other.equals(track) && !isMadeOf(other, track)))
                .collect(Collectors.toSet());
    }

    private boolean isMadeOf(Track result, Track track) {
        return source(result).equals(Optional.of(asSource(track)));
    }

    private Source asSource(Track track) {
        return new Source(namesTrack ? track.name() : "", namesFolder ? track.folder() : "");
    }

    private Optional<Source> source(Track result) {
        if (!result.file().startsWith(out)) {
            return Optional.empty();
        }
        Matcher name = shape.matcher(out.relativize(result.file()).toString().replace('\\', '/'));
        return name.matches()
                ? Optional.of(new Source(group(name, "track", namesTrack), group(name, "folder", namesFolder)))
                : Optional.empty();
    }

    private static String group(Matcher name, String group, boolean isNamed) {
        return isNamed ? Optional.ofNullable(name.group(group)).orElse("") : "";
    }

    private static Pattern shape(String template) {
        String tidy = Stream.of(template.split("/", -1))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .collect(Collectors.joining("/"));
        Set<String> met = new HashSet<>();
        String shape = VARIABLE.matcher(Pattern.quote(tidy))
                .replaceAll(found -> Matcher.quoteReplacement("\\E" + shapeOf(found.group(), met) + "\\Q"));
        return Pattern.compile(shape, Pattern.DOTALL);
    }

    private static String shapeOf(String variable, Set<String> met) {
        return switch (variable) {
            case "{track}" -> met.add("track") ? "(?<track>[^/]+)" : "\\k<track>";
            case "{folder}" -> met.add("folder") ? "(?<folder>.*)" : "\\k<folder>";
            case "{folder}/" -> met.add("folder") ? "(?:(?<folder>.+)/)?" : "\\k<folder>/";
            case "{stem}" -> STEMS;
            case "{ext}" -> EXTENSIONS;
            default -> "\\d{2,}";
        };
    }
}
