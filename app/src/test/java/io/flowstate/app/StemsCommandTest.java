package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.StemsRequest;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class StemsCommandTest extends CommandLineTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void a_song_becomes_four_files_beside_the_current_folder_and_a_table() throws IOException {
        file("music/song.wav", "music");

        int code = run("stems", "music/song.wav");

        assertThat(complained()).doesNotContain("flowstate:");
        assertThat(code).isZero();
        assertThat(left())
                .contains(
                        "song-stems/bass.wav", "song-stems/drums.wav", "song-stems/other.wav", "song-stems/vocals.wav")
                .noneMatch(name -> name.endsWith(".part"));
        assertThat(folder.resolve("song-stems/vocals.wav")).hasContent(FakeProvider.PLAIN);
        assertThat(said())
                .contains(
                        "song-stems/vocals.wav",
                        "length",
                        "1.0 s",
                        "real-time factor",
                        "peak memory",
                        "local/htdemucs");
    }

    @Test
    void every_option_reaches_the_request() throws IOException {
        file("song.wav", "music");

        int code = run(
                ("stems song.wav -o out --two-stems vocals --format flac --bits 16 --clip rescale --overlap 0.5 --shifts 3 --seed 7"
                                + " --model local/htdemucs --allow-truncated --name {stem}/{track}.{ext}")
                        .split(" "));

        assertThat(code).as(complained()).isZero();
        StemsRequest request = (StemsRequest) house.provider.seen().getFirst().request();
        assertThat(request.output().container()).isEqualTo(AudioFormat.Container.FLAC);
        assertThat(request.output().bits()).isEqualTo(AudioFormat.Bits.PCM_16);
        assertThat(request.clip()).isEqualTo(ClipMode.RESCALE);
        assertThat(request.overlap()).isEqualTo(0.5);
        assertThat(request.shifts()).isEqualTo(3);
        assertThat(request.seed()).isEqualTo(7);
        assertThat(request.allowTruncated()).isTrue();
        assertThat(request.model()).contains("local/htdemucs");
        assertThat(left()).contains("out/vocals/song.flac", "out/no_vocals/song.flac");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0.25, 1",
        "--quality fast, 0.1, 1",
        "--quality standard, 0.25, 1",
        "--quality Best, 0.25, 2",
        "--quality best --overlap 0.5, 0.5, 2",
        "--shifts 1 --quality best, 0.25, 1"
    })
    void quality_stands_for_overlap_and_shifts_unless_these_are_given(String options, double overlap, int shifts)
            throws IOException {
        file("song.wav", "music");

        assertThat(run(("stems song.wav " + options).strip().split(" "))).isZero();

        StemsRequest request = (StemsRequest) house.provider.seen().getFirst().request();
        assertThat(request.overlap()).isEqualTo(overlap);
        assertThat(request.shifts()).isEqualTo(shifts);
    }

    @Test
    void a_bitrate_goes_with_a_lossy_format() throws IOException {
        file("song.wav", "music");

        assertThat(run("stems", "song.wav", "--format", "mp3", "--bitrate", "128", "--stems", "bass"))
                .isZero();

        StemsRequest request = (StemsRequest) house.provider.seen().getFirst().request();
        assertThat(request.output().bitrateKbps()).hasValue(128);
        assertThat(left()).containsExactly("song-stems", "song-stems/bass.mp3", "song.wav");
    }

    @Test
    void a_bad_input_is_told_with_advice_and_the_others_are_done() throws IOException {
        file("bad.mp3", TestHouse.NOT_AUDIO);
        file("good.wav", "music");

        int code = run("stems", "bad.mp3", "good.wav", "nowhere.wav");

        assertThat(code).isEqualTo(Failures.FAILED);
        assertThat(complained())
                .contains("bad.mp3: bad.mp3 is not audio.", "  Send music.", "There is no file nowhere.wav.");
        assertThat(left()).contains("good-stems/vocals.wav").doesNotContain("bad-stems");
    }

    @Test
    void json_gives_one_object_for_each_input_also_for_those_that_failed() throws IOException {
        file("bad.mp3", TestHouse.NOT_AUDIO);
        file("good.wav", "music");

        run("stems", "--json", "bad.mp3", "good.wav", "nowhere.wav");

        List<JsonNode> lines = said().lines().map(JSON::readTree).toList();
        assertThat(lines)
                .extracting(line -> line.get("input").asString())
                .containsExactlyInAnyOrder("bad.mp3", "good.wav", "nowhere.wav");
        JsonNode good = lines.stream()
                .filter(line -> line.get("ok").asBoolean())
                .findFirst()
                .orElseThrow();
        assertThat(good.get("files")).hasSize(4);
        assertThat(good.get("files").get(0).get("path").asString()).isEqualTo("good-stems/drums.wav");
        assertThat(good.get("deployment").asString()).isEqualTo("local/htdemucs");
        assertThat(good.get("length_s").asDouble()).isEqualTo(1.0);
        assertThat(good.get("cost_usd").asDouble()).isZero();
        assertThat(good.get("attempts").asInt()).isEqualTo(1);
        JsonNode bad = lines.stream()
                .filter(line -> line.get("input").asString().equals("bad.mp3"))
                .findFirst()
                .orElseThrow();
        assertThat(bad.get("error").get("code").asString()).isEqualTo("audio_unreadable");
        assertThat(bad.get("error").get("advice").asString()).isEqualTo("Send music.");
    }

    @Test
    void quiet_says_nothing_of_success() throws IOException {
        file("song.wav", "music");
        run("models", "pull", "-q", "htdemucs");
        err.reset();

        assertThat(run("stems", "-q", "song.wav")).isZero();

        assertThat(said()).isEmpty();
        assertThat(complained()).isEmpty();
    }

    @Test
    void the_licence_notice_is_shown_once_and_only_when_the_model_must_be_fetched() throws IOException {
        file("one.wav", "music");
        file("two.wav", "music");

        run("stems", "one.wav", "two.wav");
        assertThat(complained().split("Licence of htdemucs", -1)).hasSize(2);

        run("models", "pull", "-q", "htdemucs");
        err.reset();
        run("stems", "one.wav");
        assertThat(complained()).doesNotContain("Licence");
    }

    @Test
    void the_licence_notice_is_shown_even_to_those_who_want_quiet() throws IOException {
        file("song.wav", "music");

        run("stems", "-q", "song.wav");

        assertThat(complained()).containsOnlyOnce("Licence of htdemucs");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--stems vocal | There is no stem \"vocal\"; Valid names",
                "--stems guitar | There is no stem \"guitar\"; Valid names: drums, bass, other, vocals.",
                "--stems bass --two-stems bass | --two-stems cannot be used together with --stems; Try: flowstate stems --help",
                "--format aiff | flowstate: --format cannot be \"aiff\".; Valid values: wav, flac, mp3, opus, m4a.",
                "--bits 12 | flowstate: --bits cannot be \"12\".; Valid values: 16, 24, 32f.",
                "--format flac --bits 32f | --bits must be 16 or 24 for flac; Try",
                "--bitrate 128 | --bitrate is for mp3, opus and m4a; Try",
                "--format mp3 --bitrate 999 | --bitrate must be 32..320; Try",
                "--clip none | --clip can be none only with bits 32f; Try",
                "--quality bets | flowstate: --quality cannot be \"bets\".; Did you mean best?; Valid values: fast, standard, best.; Try",
                "--overlap 1 | --overlap must be 0..0.95, was 1.0; Try",
                "--shifts 0 | --shifts must be 1..10, was 0; Try",
                "--shifts many | Invalid value for option '--shifts'; Try",
                "--deadline soon | --deadline must be a duration like 90s; Try",
                "--max-cost -1 | --max-cost must not be negative; Try",
                "--threads 0 | option --threads must be auto or a whole number 1..256, was \"0\".; Try",
                "--model demucs9 | There is no model \"demucs9\" in the catalogue; Known here: htdemucs, local/htdemucs",
                "--name ../{stem} | --name must be a path below the output folder, with no / at its start and no '..' in it.; Try",
                "--name {song}/{stem} | --name has {song}, which is not known; {track}",
                "--name {track}.wav | would be written to; Tell them apart with --name",
                "--shift 2 | Unknown option: '--shift'; Possible solutions: --shifts"
            })
    void a_wrong_option_is_a_usage_error_that_says_what_is_right(String options, String complaint) throws IOException {
        file("song.wav", "music");

        int code = run(("stems song.wav " + options).split(" "));

        assertThat(complained()).contains(complaint.split("; "));
        assertThat(code).isEqualTo(Failures.USAGE);
        assertThat(house.provider.seen()).isEmpty();
        assertThat(left()).containsExactly("song.wav");
    }

    @Test
    void two_inputs_of_the_same_name_are_found_before_any_work() throws IOException {
        file("a/song.wav", "music");
        file("b/song.wav", "music");

        int code = run("stems", "a/song.wav", "b/song.wav");

        assertThat(code).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("a/song.wav", "b/song.wav", "--name");
        assertThat(house.provider.seen()).isEmpty();
    }

    @Test
    void a_folder_keeps_its_shape_when_the_template_names_it() throws IOException {
        file("albums/a/song.wav", "music");
        file("albums/b/song.wav", "music");
        file("albums/b/cover.jpg", "picture");

        int code = run("stems", "albums", "-o", "out", "--stems", "bass", "--name", "{folder}/{track}/{stem}.{ext}");

        assertThat(code).as(complained()).isZero();
        assertThat(left()).contains("out/a/song/bass.wav", "out/b/song/bass.wav");
    }

    @Test
    void an_input_is_never_written_over() throws IOException {
        Path song = file("vocals.wav", "music");

        int code = run("stems", "vocals.wav", "--name", "{stem}.{ext}");

        assertThat(code).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("the input vocals.wav");
        assertThat(song).hasContent("music");
    }

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
                .contains("The output cannot be written: ", "/proc/")
                .doesNotContain(".part");
        assertThat(house.provider.seen()).isEmpty();
    }

    @Test
    void json_tells_of_each_input_also_when_the_output_folder_stops_them_all() throws IOException {
        file("one.wav", "music");
        file("two.wav", "music");
        file("out", "in the way");

        int code = run("stems", "--json", "one.wav", "two.wav", "nowhere.wav", "-o", "out");

        assertThat(code).isEqualTo(Failures.SETUP);
        List<JsonNode> lines = said().lines().map(JSON::readTree).toList();
        assertThat(lines)
                .extracting(line -> line.get("input").asString() + " "
                        + line.get("error").get("code").asString())
                .containsExactlyInAnyOrder(
                        "one.wav output_not_writable", "two.wav output_not_writable", "nowhere.wav not_found");
        assertThat(complained()).contains("out is a file, not a folder", "1 more not tried");
    }

    @Test
    void a_deadline_that_no_deployment_can_keep_names_the_reason() throws IOException {
        file("song.wav", "music");

        int code = run("stems", "song.wav", "--deadline", "1s");

        assertThat(code).isEqualTo(Failures.FAILED);
        assertThat(complained()).contains("Nothing can run this request", "it would take about");
    }

    @Test
    void commercial_use_rules_out_weights_that_forbid_it() throws IOException {
        file("song.wav", "music");

        assertThat(run("stems", "song.wav", "--commercial-use")).isEqualTo(Failures.FAILED);

        assertThat(complained()).contains("the weights are for personal and research use");
    }
}
