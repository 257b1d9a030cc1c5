package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.FlowError;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NameTemplateTest {
    private static final Path OUT = Path.of("/out");

    @ParameterizedTest
    @CsvSource({
        "{track}-stems/{stem}.{ext}, /out/song-stems/bass.flac",
        "{folder}/{track}/{stem}.{ext}, /out/album/cd 1/song/bass.flac",
        "{n}-{track}.{stem}.{ext}, /out/07-song.bass.flac",
        "{stem}, /out/bass",
        "a//./b/{stem}, /out/a/b/bass"
    })
    void variables_are_filled_in(String template, Path expected) {
        Track track = new Track(Path.of("/m/album/cd 1/song.mp3"), "song.mp3", "album/cd 1", 7);

        assertThat(new NameTemplate(template).resolve(OUT, track, "bass", "flac"))
                .isEqualTo(expected);
    }

    @Test
    void an_empty_folder_leaves_no_gap() {
        Track track = new Track(Path.of("song.mp3"), "song.mp3", "", 1);

        assertThat(new NameTemplate("{folder}/{track}/{stem}").resolve(OUT, track, "bass", "wav"))
                .isEqualTo(Path.of("/out/song/bass"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "../{stem}",
                "a/../../{stem}",
                "..\\{stem}",
                "/etc/{stem}",
                "C:\\{stem}",
                "{stem}/",
                "{user.home}/{stem}",
                "{}"
            })
    void a_template_that_leads_elsewhere_is_refused(String template) {
        assertThatThrownBy(() -> new NameTemplate(template)).isInstanceOf(FlowError.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "...", "..mp3", "../../etc/passwd"})
    void no_track_s_name_leads_out_of_the_folder(String name) {
        Track track = new Track(Path.of("/m").resolve(name), name, "", 1);

        assertThat(new NameTemplate("{track}/{stem}")
                        .resolve(OUT, track, "bass", "wav")
                        .startsWith(OUT))
                .isTrue();
    }

    @Test
    void a_dot_made_of_variables_cannot_climb() {
        Track track = new Track(Path.of("/m/song.mp3"), "song.mp3", "", 1);

        assertThatThrownBy(() -> new NameTemplate(".{folder}./{stem}/x").resolve(OUT, track, "..", "wav"))
                .isInstanceOf(FlowError.class);
    }
}
