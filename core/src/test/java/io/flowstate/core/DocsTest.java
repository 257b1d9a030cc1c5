package io.flowstate.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.catalogue.Catalogue;
import io.flowstate.core.catalogue.CatalogueReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages say what the code does. */
class DocsTest {
    private static final Path ROOT =
            Path.of(Objects.requireNonNull(System.getProperty("flowstate.root"), "run by Maven, which sets it"));
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

    @Test
    void the_errors_page_has_a_row_for_each_code_in_the_order_of_the_enum() throws IOException {
        List<List<String>> rows = Files.readString(ROOT.resolve("docs/errors.md"))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();

        assertThat(rows.stream().map(row -> row.subList(0, 5)))
                .containsExactlyElementsOf(Arrays.stream(Code.values())
                        .map(code -> List.of(
                                "`" + code.id() + "`",
                                String.valueOf(code.httpStatus()),
                                code.kind().id(),
                                code.retryHelps() ? "yes" : "no",
                                code.meaning()))
                        .toList());
        assertThat(rows)
                .as("each says what to do")
                .allSatisfy(row -> assertThat(row.get(5)).endsWith("."));
    }

    @Test
    void the_example_of_the_provider_page_is_the_file_that_is_compiled_and_tested() throws IOException {
        String file =
                Files.readString(ROOT.resolve("core/src/test/java/io/flowstate/core/example/MirrorProvider.java"));

        assertThat(block("docs/adding-a-provider.md", "java")).isEqualTo(file);
    }

    @Test
    void the_example_of_the_model_page_is_a_catalogue_that_can_be_read() throws IOException {
        Catalogue catalogue =
                CatalogueReader.withUserFile("docs/adding-a-model.md", block("docs/adding-a-model.md", "yaml"));

        assertThat(catalogue.deployments()).containsKeys("local/karaoke", "replicate/karaoke");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONTRIBUTING.md",
                "docs/architecture.md",
                "docs/errors.md",
                "docs/http-api.md",
                "docs/jobs.md",
                "docs/adding-a-provider.md",
                "docs/adding-a-model.md"
            })
    void a_link_from_a_page_leads_to_a_file(String page) throws IOException {
        Path file = ROOT.resolve(page);
        Matcher links = LINK.matcher(Files.readString(file));

        assertThat(links.results().map(link -> link.group(1)).toList())
                .allSatisfy(target -> assertThat(file.resolveSibling(target)).exists());
    }

    /** The architecture page names classes, so that a reader finds them; this finds them too. */
    @Test
    void every_class_that_the_architecture_page_names_exists() throws IOException {
        List<String> named = Pattern.compile("`([A-Z][A-Za-z]+)`")
                .matcher(Files.readString(ROOT.resolve("docs/architecture.md")))
                .results()
                .map(match -> match.group(1) + ".java")
                .distinct()
                .toList();
        List<String> sources;
        try (Stream<Path> modules = Files.list(ROOT)) {
            sources = modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .flatMap(DocsTest::fileNames)
                    .toList();
        }

        assertThat(named).isNotEmpty();
        assertThat(sources).containsAll(named);
    }

    private static Stream<String> fileNames(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String block(String page, String language) throws IOException {
        String text = Files.readString(ROOT.resolve(page));
        String open = "```" + language + "\n";
        int start = text.indexOf(open) + open.length();
        assertThat(start).as("%s has a %s block", page, language).isGreaterThanOrEqualTo(open.length());
        return text.substring(start, text.indexOf("```\n", start));
    }
}
