package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TracksTest extends CommandLineTest {
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
        assertThat(tracks.missing()).containsOnlyKeys("gone.wav", "empty");
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

    private Tracks find(String... names) {
        return Tracks.of(terminal(Map.of()), Stream.of(names).map(Path::of).toList());
    }
}
