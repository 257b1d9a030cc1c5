package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The guide for operators, held against a server. */
final class OperatingGuideTest {
    private static final Path GUIDE = Path.of(System.getProperty("flowstate.root"), "docs/operating.md");
    private static final Pattern CODE = Pattern.compile("`[^`]*`");
    private static final Pattern NAME =
            Pattern.compile("\\b(flowstate_(?!crash)[a-z_]+|jvm_[a-z_]+|process_[a-z_]+)(?![a-z_*.-])");

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void every_metric_that_the_guide_names_is_one_that_a_server_has() throws IOException {
        server.stems("?stems=vocals", "RIFF");
        server.get("/healthz");
        String scrape = server.get("/metrics").body();

        assertThat(named())
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(scrape)
                        .as(name)
                        .containsPattern("(?m)^" + name + "(_count|_sum|_bucket|_total)?[ {]"));
    }

    private static Set<String> named() throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher code = CODE.matcher(Files.readString(GUIDE).replaceAll("(?s)```.*?```", ""));
        while (code.find()) {
            Matcher name = NAME.matcher(code.group());
            while (name.find()) {
                names.add(name.group(1));
            }
        }
        return names;
    }
}
