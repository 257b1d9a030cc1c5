package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code flowstate stems --server}: like a run on this machine, for whoever looks at what it says and writes. */
final class StemsOnServerTest extends CommandLineTest {
    private static final JsonMapper JSON = new JsonMapper();

    private JobServer server;

    @BeforeEach
    void serve() {
        server = new JobServer(house, temp.resolve("served"), 0).work();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void the_files_and_the_table_are_those_of_a_local_run_and_tell_of_the_job() throws IOException {
        file("albums/a/song.wav", "music");
        file("albums/b/song.wav", "music");

        int code = stems("albums", "-o", "out", "--name", "{folder}/{track}/{stem}.{ext}", "--stems", "bass");

        assertThat(code).as(complained()).isZero();
        assertThat(left())
                .contains("out/a/song/bass.wav", "out/b/song/bass.wav")
                .noneMatch(name -> name.endsWith(".part"));
        assertThat(folder.resolve("out/a/song/bass.wav")).hasContent(FakeProvider.PLAIN);
        assertThat(said())
                .contains("albums/a/song.wav", "out/a/song/bass.wav", "length", "1.0 s", "local/htdemucs")
                .containsPattern("job +job_[0-9a-z]+ on " + server.address())
                .doesNotContain("peak memory");
        assertThat(complained()).contains("[1/2] song.wav: sending");
    }

    @Test
    void json_has_an_object_for_each_input_in_their_order_and_one_failure_leaves_the_others() throws IOException {
        file("bad.mp3", TestHouse.NOT_AUDIO);
        file("half.wav", "music");
        file("good.wav", "music");
        house.provider.next(Script.start().fail(FlowError.of(Code.AUDIO_TRUNCATED, "Half a file.")));

        int code = stems("--json", "--quiet", "nowhere.wav", "bad.mp3", "half.wav", "good.wav");

        assertThat(code).isEqualTo(Failures.FAILED);
        assertThat(complained()).isEmpty();
        List<JsonNode> lines = said().lines().map(JSON::readTree).toList();
        assertThat(lines)
                .extracting(line -> line.get("input").asString())
                .containsExactly("nowhere.wav", "bad.mp3", "half.wav", "good.wav");
        assertThat(lines.stream().filter(line -> line.get("ok").asBoolean())).hasSize(1);
        assertThat(said()).contains("audio_unreadable", "audio_truncated");
    }

    @Test
    void a_finished_input_tells_a_program_what_it_tells_after_a_local_run_and_where_it_was_done() throws IOException {
        file("good.wav", "music");

        assertThat(stems("--json", "--quiet", "good.wav")).as(complained()).isZero();

        JsonNode line = JSON.readTree(said());
        assertThat(line.get("files")).hasSize(4);
        assertThat(line.get("files").get(0).get("path").asString()).isEqualTo("good-stems/drums.wav");
        assertThat(line.get("deployment").asString()).isEqualTo("local/htdemucs");
        assertThat(line.get("length_s").asDouble()).isEqualTo(1.0);
        assertThat(line.get("cost_usd").asDouble()).isZero();
        assertThat(line.get("attempts").asInt()).isEqualTo(1);
        assertThat(line.get("job").asString()).startsWith("job_");
        assertThat(line.get("server").asString()).isEqualTo(server.address());
    }

    @Test
    void what_stops_all_inputs_cancels_the_jobs_that_were_handed_in_ahead() throws IOException {
        for (String name : List.of("a.wav", "b.wav", "c.wav")) {
            file(name, "music");
        }
        house.provider.next(Script.start().fail(FlowError.of(Code.MODEL_CORRUPT, "No model.")));

        assertThat(stems("a.wav", "b.wav", "c.wav")).isEqualTo(Failures.SETUP);

        assertThat(complained()).contains("a.wav: No model.", "2 more not tried.");
        out.reset();
        assertThat(run("jobs", "list", "--json", "--server", server.address())).isZero();
        assertThat(said().lines().map(JSON::readTree).map(RemoteJob::new))
                .allMatch(job -> job.isOver() || job.time("cancel_requested_at").isPresent());
    }

    @Test
    void wrong_options_and_a_server_that_is_not_there_are_told_before_anything_is_written() throws IOException {
        file("song.wav", "music");
        file("albums/vocals.wav", "music");

        assertThat(stems("song.wav", "--threads", "2")).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("--threads is for this machine");
        assertThat(stems("song.wav", "--overlap", "1")).isEqualTo(Failures.USAGE);
        assertThat(stems("albums/vocals.wav", "-o", "albums", "--name", "{stem}.{ext}"))
                .isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("the input albums/vocals.wav");
        assertThat(stems("song.wav", "--model", "demucs9")).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("There is no model \"demucs9\"");
        server.close();
        assertThat(stems("song.wav")).isEqualTo(Failures.SETUP);
        assertThat(complained()).contains("song.wav: There is no server at");
        assertThat(left()).containsExactly("albums", "albums/vocals.wav", "song.wav");
        serve();
    }

    private int stems(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "stems";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--server";
        all[all.length - 1] = server.address();
        return run(all);
    }
}
