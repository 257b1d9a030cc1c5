package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code flowstate doctor} says of the folder in which jobs are kept. */
final class DataExaminationTest extends CommandLineTest {
    @Test
    void before_the_first_server_there_is_nothing_in_it() {
        assertThat(doctor(temp.resolve("data"))).containsPattern("ok +data +.* free in .*data; no jobs there yet");
        assertThat(temp.resolve("data")).doesNotExist();
    }

    @Test
    void it_says_whether_a_server_uses_it_and_changes_nothing_there() throws IOException {
        Path data = temp.resolve("served/data");
        try (JobServer _ = new JobServer(house, temp.resolve("served"), 0)) {
            assertThat(doctor(data))
                    .containsPattern(
                            "ok +data +.* database of .*B, its tables of version [1-9][0-9]*, used by a running");
        }
        List<String> before = names(data);

        assertThat(doctor(data)).containsPattern("ok +data +.* tables of version [1-9][0-9]*, not in use");

        assertThat(names(data)).isEqualTo(before);
    }

    @Test
    void a_folder_that_cannot_be_or_holds_something_else_is_a_problem() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "no folder");
        Path other = Files.createDirectory(temp.resolve("other"));
        Files.writeString(other.resolve("flowstate.db"), "no database");

        assertThat(doctor(file)).containsPattern("PROBLEM +data +no folder can be made in ");
        assertThat(doctor(other)).containsPattern("PROBLEM +data +.*the database in it cannot be read");
    }

    @Test
    void with_a_postgresql_it_says_that_jobs_are_there() {
        run(
                Map.of(
                        "FLOWSTATE_DATA",
                        temp.toString(),
                        "FLOWSTATE_DATABASE_URL",
                        "postgresql://db.example/flowstate"),
                "doctor");

        assertThat(said()).containsPattern("ok +data +.* jobs are in the PostgreSQL of database.url");
    }

    @Test
    void a_program_is_told_the_same() {
        run(Map.of("FLOWSTATE_DATA", temp.resolve("data").toString()), "doctor", "--json");

        JsonNode findings = new JsonMapper().readTree(said()).get("findings");
        assertThat(findings.valueStream()
                        .filter(each -> each.get("subject").asString().equals("data")))
                .singleElement()
                .satisfies(data -> assertThat(data.get("ok").asBoolean()).isTrue());
    }

    private String doctor(Path data) {
        out.reset();
        run(Map.of("FLOWSTATE_DATA", data.toString()), "doctor");
        return said();
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
