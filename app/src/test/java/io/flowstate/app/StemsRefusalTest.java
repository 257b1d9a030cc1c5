package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What stops {@code stems}, and what the person at the terminal is told to do. */
final class StemsRefusalTest extends CommandLineTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void a_failure_leaves_the_results_of_an_earlier_run_as_they_were() throws IOException {
        file("song.wav", "music");
        Path old = file("song-stems/vocals.wav", "of before");
        house.provider.next(Script.start()
                .openAll()
                .writeAll("half".getBytes(StandardCharsets.UTF_8))
                .fail(FlowError.of(Code.AUDIO_NOT_FINITE, "The audio holds NaN.")));

        int code = run("stems", "song.wav");

        assertThat(code).isEqualTo(Failures.FAILED);
        assertThat(old).hasContent("of before");
        assertThat(left()).containsExactly("song-stems", "song-stems/vocals.wav", "song.wav");
    }

    @Test
    void what_is_wrong_with_the_machine_ends_the_batch_with_3() throws IOException {
        file("one.wav", "music");
        file("two.wav", "music");
        house.provider.next(Script.start()
                .fail(FlowError.of(Code.MODEL_UNAVAILABLE, "Nobody gives htdemucs.")
                        .advice("Go online.")));

        int code = run("stems", "one.wav", "two.wav", "--json");

        assertThat(code).isEqualTo(Failures.SETUP);
        assertThat(house.provider.seen()).hasSize(1);
        assertThat(said().lines()).hasSize(2).allMatch(line -> line.contains("model_unavailable"));
        assertThat(complained()).contains("Nobody gives htdemucs.", "Go online.", "1 more not tried");
    }

    @Test
    void a_file_in_the_place_of_the_output_folder_is_told_before_any_work() throws IOException {
        file("song.wav", "music");
        file("out", "in the way");

        int code = run("stems", "song.wav", "-o", "out");

        assertThat(code).isEqualTo(Failures.SETUP);
        assertThat(complained()).contains("The output cannot be written: ", "here/out is a file, not a folder.", "-o");
        assertThat(house.provider.seen()).isEmpty();
    }

    @Test
    void a_folder_that_nobody_may_write_to_is_told_before_any_work() throws IOException {
        file("song.wav", "music");
        // Where even root may not create files.
        Path sealed = Path.of("/proc/self");
        assumeThat(Files.isDirectory(sealed)).as("SKIPPED: there is no /proc").isTrue();

        int code = run("stems", "song.wav", "-o", sealed.toString());

        assertThat(code).isEqualTo(Failures.SETUP);
        assertThat(complained())
                .contains("The output cannot be written: the system makes no files in /proc/")
                .contains("(No such file or directory)", "-o")
                .doesNotContain(".part", "gone");
        assertThat(house.provider.seen()).isEmpty();
    }

    @Test
    void json_tells_of_each_input_also_when_the_output_folder_stops_them_all() throws IOException {
        file("one.wav", "music");
        file("two.wav", "music");
        file("out", "in the way");

        int code = run("stems", "--json", "one.wav", "nowhere.wav", "two.wav", "-o", "out");

        assertThat(code).isEqualTo(Failures.SETUP);
        List<JsonNode> lines = said().lines().map(JSON::readTree).toList();
        assertThat(lines)
                .extracting(line -> line.get("input").asString() + " "
                        + line.get("error").get("code").asString())
                .containsExactly("one.wav output_not_writable", "nowhere.wav not_found", "two.wav output_not_writable");
        assertThat(complained()).contains("out is a file, not a folder", "1 more not tried");
    }

    @Test
    void a_deadline_that_no_deployment_can_keep_names_the_reason_and_the_option() throws IOException {
        file("song.wav", "music");

        int code = run("stems", "song.wav", "--deadline", "1s");

        assertThat(code).isEqualTo(Failures.FAILED);
        assertThat(complained())
                .contains(
                        "Nothing can run this request",
                        "it would take about",
                        "of at most 1.0 s",
                        "  Allow more time with --deadline");
    }

    @Test
    void commercial_use_rules_out_weights_that_forbid_it() throws IOException {
        file("song.wav", "music");

        assertThat(run("stems", "song.wav", "--commercial-use")).isEqualTo(Failures.FAILED);

        assertThat(complained())
                .contains(
                        "the weights are for personal and research use",
                        "  Leave out --commercial-use, or choose a --model");
    }

    @Test
    void objects_call_options_as_the_command_line_does() throws IOException {
        file("song.wav", "music");

        run("stems", "--json", "song.wav", "--commercial-use");

        assertThat(JSON.readTree(said()).get("error").get("advice").asString()).contains("--commercial-use");
    }
}
