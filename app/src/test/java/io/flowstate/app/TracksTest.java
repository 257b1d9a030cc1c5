package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TracksTest extends CommandLineTest {
    /** Linux's, in bytes, less its end. */
    private static final int LONGEST_PATH = 4095;

    @Test
    void a_folder_gives_its_audio_files_and_those_below_in_order() throws IOException {
        for (String name : List.of(
                "m/b.flac",
                "m/a.WAV",
                "m/cd 1/c.mp3",
                "m/notes.txt",
                "m/.hidden.wav",
                "m/.git/d.wav",
                "m/a-stems/vocals.wav")) {
            file(name, "x");
        }

        Tracks tracks = find("m");

        assertThat(tracks.found()).extracting(Track::shown).containsExactly("m/a.WAV", "m/b.flac", "m/cd 1/c.mp3");
        assertThat(tracks.found()).extracting(Track::folder).containsExactly("", "", "cd 1");
        assertThat(tracks.found()).extracting(Track::number).containsExactly(1, 2, 3);
    }

    @Test
    void a_named_file_is_taken_whatever_its_extension() throws IOException {
        file("tape.dat", "x");

        assertThat(find("tape.dat").found()).extracting(Track::name).containsExactly("tape");
    }

    @Test
    void a_file_that_is_named_twice_counts_once() throws IOException {
        file("m/a.wav", "x");

        assertThat(find("m/a.wav", "m", "./m/a.wav").found()).hasSize(1);
    }

    @Test
    void what_is_found_is_called_as_the_folder_was_named() throws IOException {
        file("m/cd/a.wav", "x");
        String absolute = folder.resolve("m").toString();

        for (String named : List.of(".", "./m", "m/", "m//cd", absolute, "../here/m")) {
            String between = named.endsWith("/") ? "" : "/";
            assertThat(find(named).found())
                    .extracting(Track::shown)
                    .allMatch(shown -> shown.startsWith(named + between) && shown.endsWith("a.wav"))
                    .hasSize(1);
        }
        assertThat(find("./m/cd/../cd/a.wav").found()).extracting(Track::shown).containsExactly("./m/cd/../cd/a.wav");
    }

    @Test
    void a_link_to_a_folder_is_followed_when_it_is_named() throws IOException {
        file("m/a.wav", "x");
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("m"));

        assertThat(find("link").found()).extracting(Track::shown).containsExactly("link/a.wav");
    }

    @ParameterizedTest
    @CsvSource({
        "-, pipes and devices are not taken",
        "/dev/null, pipes and devices are not taken",
        "https://example.org/song.mp3, is an address",
        "gone.wav, There is no file gone.wav"
    })
    void what_is_no_file_is_told_for_what_it_is(String named, String says) {
        assertThat(find(named).missing())
                .singleElement()
                .satisfies(missing -> assertThat(missing.why().message()).contains(named, says))
                .satisfies(missing -> assertThat(missing.why().advice()).isPresent());
    }

    @Test
    void a_loop_of_links_ends() throws IOException {
        file("m/a.wav", "x");
        Files.createSymbolicLink(folder.resolve("m/loop"), folder.resolve("m"));

        assertThat(find("m").found()).hasSize(1);
    }

    @Test
    void what_is_not_there_is_kept_as_an_error() throws IOException {
        Files.createDirectories(folder.resolve("empty"));

        Tracks tracks = find("gone.wav", "empty");

        assertThat(tracks.found()).isEmpty();
        assertThat(tracks.missing()).extracting(Tracks.Missing::shown).containsExactly("gone.wav", "empty");
    }

    @Test
    void inputs_stay_in_the_order_in_which_they_were_named_and_count_once() throws IOException {
        file("m/a.wav", "x");
        file("z.wav", "x");

        assertThat(find("gone.wav", "z.wav", "m", "gone.wav", "m/a.wav").inputs())
                .extracting(Tracks.Input::shown)
                .containsExactly("gone.wav", "z.wav", "m/a.wav");
    }

    @Test
    void what_cannot_be_read_is_kept_as_an_error_and_the_rest_is_found() throws IOException, InterruptedException {
        file("m/a.wav", "x");
        List<String> parts = unreadable("m", "u".repeat(255));
        int half = parts.size() / 2;
        Files.createSymbolicLink(
                folder.resolve("half"), Path.of("m", parts.subList(0, half).toArray(String[]::new)));
        Files.createSymbolicLink(
                folder.resolve("far"),
                Path.of("half", parts.subList(half, parts.size()).toArray(String[]::new)));
        try {
            Tracks tracks = find("m", "far/deep.wav");

            assertThat(tracks.found()).extracting(Track::shown).containsExactly("m/a.wav");
            assertThat(tracks.missing())
                    .hasSize(2)
                    .anyMatch(missing -> missing.shown().equals("far/deep.wav"))
                    .anyMatch(missing -> missing.shown().startsWith("m/ddd"))
                    .allSatisfy(missing -> assertThat(missing.why().code()).isEqualTo(Code.AUDIO_UNREADABLE));
        } finally {
            shell("rm -rf m");
        }
    }

    @Test
    void a_hidden_folder_that_cannot_be_read_is_passed_over_like_any_other() throws IOException, InterruptedException {
        file("m/a.wav", "x");
        unreadable("m", "." + "u".repeat(254));
        try {
            assertThat(find("m").missing()).isEmpty();
        } finally {
            shell("rm -rf m");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "song.flac, song",
        "a.b.mp3, a.b",
        "noextension, noextension",
        ".wav, .wav",
        "...mp3, track",
        "a\\b.wav, a_b",
        "a:b.wav, a_b"
    })
    void a_track_s_name_is_fit_to_be_a_folder_s(String file, String name) {
        Track track = new Track(Path.of("x").resolve(file), file, "", 1);

        assertThat(track.name()).isEqualTo(name);
    }

    /**
     * Makes what even root cannot open: a folder whose path is longer than the system takes, with a file in it. A shell can step down to it, and links can lead there.
     *
     * @return the names on the way down from {@code top}
     */
    private List<String> unreadable(String top, String last) throws IOException, InterruptedException {
        String part = "d".repeat(200);
        int levels = (LONGEST_PATH - folder.resolve(top).toString().length()) / (part.length() + 1);
        shell("cd %s && for i in $(seq %d); do mkdir %s && cd %s || exit; done && mkdir %s && echo x >%s/deep.wav"
                .formatted(top, levels, part, part, last, last));
        List<String> parts = new ArrayList<>(Collections.nCopies(levels, part));
        parts.add(last);
        return parts;
    }

    private void shell(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", line)
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private Tracks find(String... names) {
        return Tracks.of(terminal(Map.of()), List.of(names), NameTemplate.DEFAULT, folder);
    }
}
