package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The lines of docs/uploads.md: with the unmodified tus-js-client of npm, and with curl. */
class TusClientTest {
    private static final Path ROOT =
            Path.of(Objects.requireNonNull(System.getProperty("flowstate.root"), "run by Maven, which sets it"));
    private static final Path CLIENT = ROOT.resolve("server/target/tus-client");
    private static final List<String> LOCK = List.of("package.json", "package-lock.json");

    private final TestStore store = new TestStore(Clock.systemUTC());

    @RegisterExtension
    final TestServer server = new TestServer(store);

    @TempDir
    Path folder;

    /** The versions are the lock file's; what npm has brought once stays for the next run. */
    @BeforeAll
    static void install() throws Exception {
        Path fresh = ROOT.resolve("server/src/test/npm/tus");
        if (!isInstalled(fresh)) {
            Files.createDirectories(CLIENT);
            for (String file : LOCK) {
                Files.copy(fresh.resolve(file), CLIENT.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
            Ended npm = run(CLIENT, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            if (npm.said().matches("(?s).*(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH).*")) {
                abort("SKIPPED, no network: " + npm.said());
            }
            assertThat(npm.code()).as(npm.said()).isZero();
        }
        Files.writeString(CLIENT.resolve("upload.mjs"), lines("js"));
    }

    /** The page's only block of that language. */
    private static String lines(String language) throws IOException {
        String page = Files.readString(ROOT.resolve("docs/uploads.md"));
        String open = "```" + language + "\n";
        assertThat(page).containsOnlyOnce(open);
        int start = page.indexOf(open) + open.length();
        return page.substring(start, page.indexOf("```\n", start));
    }

    private static boolean isInstalled(Path fresh) throws IOException {
        Path installed = CLIENT.resolve("package-lock.json");
        return Files.exists(CLIENT.resolve("node_modules/tus-js-client/package.json"))
                && Files.exists(installed)
                && Files.mismatch(installed, fresh.resolve("package-lock.json")) < 0;
    }

    @Test
    void a_file_arrives() throws Exception {
        byte[] song = bytes(3 << 20);

        Ended client = upload(server.port(), song);

        assertThat(client.code()).as(client.said()).isZero();
        assertThat(store.content(client.said().strip())).isEqualTo(song);
    }

    @Test
    void a_file_arrives_over_connections_that_break_again_and_again() throws Exception {
        byte[] song = bytes(20 << 20);
        try (FlakyWire wire = new FlakyWire(server.port(), 3L << 20, 9L << 20, 1L << 20)) {
            Ended client = upload(wire.port(), song);

            assertThat(client.code()).as(client.said()).isZero();
            assertThat(wire.breaksLeft()).isZero();
            assertThat(store.content(client.said().strip())).isEqualTo(song);
            assertThat(store.uploads()).isEqualTo(1);
        }
    }

    @Test
    void a_file_of_nothing_arrives() throws Exception {
        Ended client = upload(server.port(), new byte[0]);

        assertThat(client.code()).as(client.said()).isZero();
        assertThat(store.uploads
                        .find(JobsEndpoints.OWNER, client.said().strip())
                        .isComplete())
                .isTrue();
    }

    @Test
    void a_file_that_is_too_large_is_refused_with_the_reason() throws Exception {
        Ended client = upload(server.port(), new byte[(int) TestStore.MOST_BYTES + 1]);

        assertThat(client.code()).isEqualTo(1);
        assertThat(client.said()).contains("413", "too_large");
    }

    @Test
    void the_page_s_lines_for_curl_do_it_too() throws Exception {
        byte[] song = bytes(300_000);
        Files.write(folder.resolve("song.wav"), song);
        Files.writeString(
                folder.resolve("upload.sh"),
                "set -e\n" + lines("sh").replace("localhost:7070", "localhost:" + server.port()));

        Ended shell = run(folder, "sh", "upload.sh");

        assertThat(shell.code()).as(shell.said()).isZero();
        assertThat(store.content(shell.said().strip())).isEqualTo(song);
    }

    private Ended upload(int port, byte[] song) throws Exception {
        Path file = Files.write(folder.resolve("song.wav"), song);
        return run(CLIENT, "node", "upload.mjs", "http://127.0.0.1:%d/v1/uploads".formatted(port), file.toString());
    }

    /** How a program ended, and all that it said. */
    private record Ended(int code, String said) {}

    private static Ended run(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), said);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(13).nextBytes(bytes);
        return bytes;
    }
}
