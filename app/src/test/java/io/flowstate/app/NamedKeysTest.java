package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A message or page that sends a reader to a key of the configuration must not send them to one that does not exist. */
final class NamedKeysTest {
    private static final Path ROOT = Path.of(System.getProperty("flowstate.root"));
    private static final Pattern LITERAL = Pattern.compile("\"(?:[^\"\\\\\\n]|\\\\.)*+\"");

    /** What looks like a key, and is neither part of a longer name or address nor a call in an example. */
    private static final Pattern NAMED = Pattern.compile("(?<![\\w./-])(%s)\\.[a-z_]++(?![\\w(])"
            .formatted(Keys.ALL.stream().map(Key::group).distinct().collect(Collectors.joining("|"))));

    private static final Set<String> FILES = Set.of("catalogue.yaml", "jobs.md", "uploads.md");

    @Test
    void every_key_that_the_code_names_exists() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of("core", "audio", "models", "engine", "server", "app")) {
            sources.addAll(files(ROOT.resolve(module).resolve("src/main/java"), ".java"));
        }
        Set<String> named = new TreeSet<>();
        for (Path source : sources) {
            LITERAL.matcher(Files.readString(source)).results().forEach(literal -> collect(literal.group(), named));
        }

        assertThat(known()).containsAll(named);
        assertThat(named).as("most are at least in Keys").hasSizeGreaterThan(20);
    }

    @Test
    void every_key_that_a_page_names_exists() throws IOException {
        List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        pages.add(ROOT.resolve("README.md"));
        pages.add(ROOT.resolve("CONTRIBUTING.md"));
        Set<String> named = new TreeSet<>();
        for (Path page : pages) {
            collect(Files.readString(page), named);
        }

        assertThat(known()).containsAll(named);
        assertThat(named).contains("engine.memory");
    }

    private static void collect(String text, Set<String> into) {
        NAMED.matcher(text).results().map(found -> found.group()).forEach(into::add);
        into.removeAll(FILES);
    }

    private static Set<String> known() {
        return Keys.ALL.stream().map(Key::name).collect(Collectors.toSet());
    }

    private static List<Path> files(Path below, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(below)) {
            return all.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}
