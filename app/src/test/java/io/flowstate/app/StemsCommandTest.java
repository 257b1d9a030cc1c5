package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.FakeProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
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
                        "(time / length; lower is faster)",
                        "peak memory",
                        "local/htdemucs");
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
    void json_gives_one_object_for_each_input_in_their_order_also_for_those_that_failed() throws IOException {
        file("bad.mp3", TestHouse.NOT_AUDIO);
        file("good.wav", "music");

        run("stems", "--json", "nowhere.wav", "bad.mp3", "good.wav", "lost.wav");

        List<JsonNode> lines = said().lines().map(JSON::readTree).toList();
        assertThat(lines)
                .extracting(line -> line.get("input").asString())
                .containsExactly("nowhere.wav", "bad.mp3", "good.wav", "lost.wav");
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
    void objects_call_the_input_and_the_files_as_they_were_given() throws IOException {
        file("music/song.wav", "music");

        run("stems", "--json", "./music//song.wav", "--stems", "bass", "-o", "./out");
        run("stems", "--json", "music/../music/song.wav", "--stems", "bass", "-o", folder + "/out");
        run("stems", "--json", "./music/", "--stems", "bass", "-o", "../here/out");

        List<JsonNode> lines = said().lines().map(JSON::readTree).toList();
        assertThat(lines)
                .extracting(line -> line.get("input").asString())
                .containsExactly("./music//song.wav", "music/../music/song.wav", "./music/song.wav");
        assertThat(lines)
                .extracting(line -> line.get("files").get(0).get("path").asString())
                .containsExactly(
                        "./out/song-stems/bass.wav",
                        folder + "/out/song-stems/bass.wav",
                        "../here/out/song-stems/bass.wav");
    }

    @Test
    void a_file_that_ended_too_early_is_told_with_what_is_missing() throws IOException {
        file("cut.wav", "music");
        house.provider.missing(Duration.ofMillis(19_170));
        run("stems", "cut.wav", "--allow-truncated");
        run("stems", "cut.wav", "--allow-truncated", "--json");
        house.provider.missing(Duration.ZERO);
        run("stems", "cut.wav", "--json");

        List<String> lines = said().lines().toList();
        assertThat(lines)
                .anyMatch(line -> line.contains("incomplete") && line.contains("ends 19.2 s before the 20.2 s"));
        assertThat(JSON.readTree(lines.get(lines.size() - 2)).get("missing_s").asDouble())
                .isEqualTo(19.17);
        assertThat(JSON.readTree(lines.getLast()).get("missing_s").isNull()).isTrue();
    }

    @Test
    void a_blink_of_audio_has_no_real_time_factor() throws IOException {
        file("blink.wav", "music");
        house.provider.length(Duration.ofNanos(22_676));
        run("stems", "blink.wav");
        run("stems", "blink.wav", "--json");

        List<String> lines = said().lines().toList();
        assertThat(lines).noneMatch(line -> line.contains("real-time factor"));
        assertThat(JSON.readTree(lines.getLast()).get("real_time_factor").isNull())
                .isTrue();
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

    @Test
    void errors_that_are_in_the_objects_are_not_repeated_to_those_who_want_quiet() throws IOException {
        file("bad.mp3", TestHouse.NOT_AUDIO);
        file("good.wav", "music");
        run("models", "pull", "-q", "htdemucs");
        err.reset();

        assertThat(run("stems", "--json", "--quiet", "bad.mp3", "nowhere.wav", "good.wav"))
                .isEqualTo(Failures.FAILED);

        assertThat(complained()).isEmpty();
        assertThat(said().lines()).hasSize(3);
        run("stems", "--quiet", "nowhere.wav", "-");
        assertThat(complained()).contains("There is no file nowhere.wav.", "- is no file");
    }
}
