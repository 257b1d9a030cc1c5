package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands of the guide's section on backups, under a packaged server that works, and what it finds after they were run backwards. */
@Timeout(300)
final class BackupLayoutTest {
    private static final int RATE = 44_100;
    private static final Path GUIDE = Path.of(System.getProperty("flowstate.root"), "docs/operating.md");

    @TempDir
    Path ground;

    @Test
    void jobs_and_outputs_are_there_after_a_backup_was_restored_and_what_ran_meanwhile_is_run_again() throws Exception {
        assumeThat(exit("command -v sqlite3"))
                .as("SKIPPED: there is no sqlite3")
                .isZero();
        RealHouse house = new RealHouse(ground, TinyDemucs.small().slowedBy(6));
        Path data = ground.resolve("home/data");
        Path backup = ground.resolve("backup");
        byte[] song = TestAudio.wav(TestAudio.tune(2, RATE, 4 * RATE, 1), RATE);
        String finished;
        String running;
        byte[] vocals;
        try (Program program = house.start("serve");
                LiveServer server = LiveServer.of(program)) {
            finished = server.submit("stems=vocals", song);
            assertThat(end(server, finished)).isEqualTo("succeeded");
            vocals = server.bytes("/v1/jobs/%s/outputs/vocals".formatted(finished));
            running = server.submit("stems=bass", song);
            Await.until("it is under way", () -> server.running() == 1);

            assertThat(exit(block(0), data, backup)).isZero();

            program.signal("KILL");
            program.awaitExit();
        }
        destroy(data);

        assertThat(exit(block(1), data, backup)).isZero();

        try (Program program = house.start("serve");
                LiveServer server = LiveServer.of(program)) {
            assertThat(server.bytes("/v1/jobs/%s/outputs/vocals".formatted(finished)))
                    .isEqualTo(vocals);
            assertThat(end(server, running)).isEqualTo("succeeded");
            assertThat(server.bytes("/v1/jobs/%s/outputs/bass".formatted(running)))
                    .hasSizeGreaterThan(song.length / 2);
        }
    }

    /** A block of commands of the guide's section about SQLite. */
    private static String block(int index) throws IOException {
        String guide = Files.readString(GUIDE);
        int from = guide.indexOf("### SQLite and a folder");
        String section = guide.substring(from, guide.indexOf("### PostgreSQL and a bucket", from));
        List<String> blocks = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL)
                .matcher(section)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
        assertThat(blocks).hasSize(2);
        return blocks.get(index);
    }

    private static String end(LiveServer server, String id) throws Exception {
        JsonNode job = JsonMapper.shared()
                .readTree(server.get("/v1/jobs/%s?wait=60s".formatted(id)).body());
        return job.get("status").stringValue();
    }

    private void destroy(Path folder) throws Exception {
        assertThat(exit("rm -r " + folder)).isZero();
        assertThat(folder).doesNotExist();
    }

    private int exit(String script) throws Exception {
        return exit(script, ground, ground);
    }

    private int exit(String script, Path data, Path backup) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("sh", "-euc", script).inheritIO();
        shell.environment().put("DATA", data.toString());
        shell.environment().put("BACKUP", backup.toString());
        return shell.start().waitFor();
    }
}
