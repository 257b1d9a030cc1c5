package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder that is separated again gives its music, and not the stems of the last time. */
final class EarlierResultsTest extends CommandLineTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{folder}/{track}/{stem}.{ext}",
                "{track}-stems/{stem}.{ext}",
                "{track}/{track}-{stem}.{ext}",
                "{stem}/{n}-{track}.{ext}",
                "./{stem}//{track}.{ext}",
                "{folder}-{track}.{stem}.{ext}",
                "{n} {track} {stem}.wav"
            })
    void results_beside_the_music_are_not_separated_again_in_any_format(String template) throws IOException {
        file("albums/a/one.wav", "music");
        file("albums/two.flac", "music");

        assertThat(run("stems", "albums", "-o", "albums", "--name", template))
                .as(complained())
                .isZero();
        assertThat(run("stems", "albums", "-o", "albums", "--name", template, "--format", "flac", "--stems", "bass"))
                .as(complained())
                .isZero();
        assertThat(run("stems", "albums", "-o", "albums", "--name", template))
                .as(complained())
                .isZero();

        assertThat(house.provider.seen())
                .extracting(seen -> seen.request().audio().orElseThrow().name())
                .containsExactly("one.wav", "two.flac", "one.wav", "two.flac", "one.wav", "two.flac");
    }

    @Test
    void the_folder_for_results_is_not_searched_below_the_one_that_was_named() throws IOException {
        file("one.wav", "music");
        file("separated/of-another-template.wav", "music");

        assertThat(run("stems", ".", "-o", "separated", "--name", "{folder}/{track}/{stem}.{ext}", "--json"))
                .as(complained())
                .isZero();

        assertThat(said().lines()).singleElement().asString().contains("\"input\":\"./one.wav\"");
    }

    @Test
    void it_is_found_through_a_link_too() throws IOException {
        file("music/one.wav", "music");
        file("music/separated/old.wav", "music");
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("music"));

        assertThat(run("stems", "link", "-o", "music/separated"))
                .as(complained())
                .isZero();

        assertThat(house.provider.seen()).hasSize(1);
    }

    @Test
    void it_is_searched_when_it_was_named_itself() throws IOException {
        file("separated/old.wav", "music");

        assertThat(run("stems", "separated", "-o", "separated"))
                .as(complained())
                .isZero();

        assertThat(house.provider.seen()).hasSize(1);
    }

    @Test
    void music_that_is_only_called_like_a_result_is_taken() throws IOException {
        file("m/bass.wav", "music");
        file("m/gone/vocals.wav", "music");
        file("m/x.wav", "music");
        file("m/x.flac", "music");

        Tracks tracks = Tracks.of(
                terminal(Map.of()), List.of("m"), new NameTemplate("{track}/{stem}.{ext}"), folder.resolve("m"));

        assertThat(tracks.found()).hasSize(4);
    }

    @Test
    void two_files_that_could_each_be_made_of_the_other_are_both_music() throws IOException {
        file("x.wav", "music");
        file("x.flac", "music");

        int code = run("stems", ".", "--stems", "vocals", "--name", "{track}.{ext}");

        assertThat(code).isEqualTo(Failures.USAGE);
        assertThat(complained()).contains("which is also the input ./x.", "another folder with -o");
    }
}
