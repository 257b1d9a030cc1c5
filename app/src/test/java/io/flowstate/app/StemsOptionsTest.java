package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.ClipMode;
import io.flowstate.core.StemsRequest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the options of {@code stems} come to, and which do not go together. */
final class StemsOptionsTest extends CommandLineTest {
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--stems vocal | flowstate: --stems: There is no stem \"vocal\"; Valid names",
                "--two-stems violin | flowstate: --two-stems: There is no stem \"violin\".; Valid names: drums",
                "--stems guitar | There is no stem \"guitar\"; Valid names: drums, bass, other, vocals.",
                "--stems bass --two-stems bass | --two-stems cannot be used together with --stems; Try: flowstate stems --help",
                "--format aiff | flowstate: --format cannot be \"aiff\".; Valid values: wav, flac, mp3, opus, m4a.",
                "--bits 12 | flowstate: --bits cannot be \"12\".; Valid values: 16, 24, 32f.",
                "--format flac --bits 32f | --bits must be 16 or 24 for flac; Try",
                "--bitrate 128 | --bitrate is for mp3, opus and m4a; wav is lossless and has --bits.; Try",
                "--format flac --bitrate 128 | flac is lossless and has --bits.",
                "--format mp3 --bits 16 | --bits is for wav and flac; mp3 is lossy and has a --bitrate.; Try",
                "--format opus --bits 24 | --bits is for wav and flac; opus is lossy and has a --bitrate.",
                "--format mp3 --bitrate 999 | --bitrate must be 32..320; Try",
                "--clip none | --clip can be none only with --bits 32f or a lossy --format; Try",
                "--quality bets | flowstate: --quality cannot be \"bets\".; Did you mean best?; Valid values: fast, standard, best.; Try",
                "--overlap 1 | --overlap must be 0..0.95, was 1.0; Try",
                "--shifts 0 | --shifts must be 1..10, was 0; Try",
                "--shifts many | Invalid value for option '--shifts'; must be a whole number, was \"many\"; Try",
                "--bitrate 1.5 | must be a whole number, was \"1.5\"",
                "--seed x | must be a whole number, was \"x\"",
                "--overlap abc | Invalid value for option '--overlap'; must be a number, was \"abc\"",
                "--max-cost abc | Invalid value for option '--max-cost'; must be a number, was \"abc\"",
                "--deadline soon | --deadline must be a duration like 90s; Try",
                "--max-cost -1 | --max-cost must not be negative; Try",
                "--threads 0 | option --threads must be auto or a whole number 1..256, was \"0\".; Try",
                "--model demucs9 | There is no model \"demucs9\" in the catalogue; Known here: htdemucs, local/htdemucs",
                "--name ../{stem} | --name must be a path below the output folder, with no / at its start and no '..' in it.; Try",
                "--name {song}/{stem} | --name has {song}, which is not known; {track}",
                "--name {track}.wav | which is also the input song.wav; another folder with -o; never written over",
                "--shift 2 | Unknown option: '--shift'; Possible solutions: --shifts"
            })
    void a_wrong_option_is_a_usage_error_that_says_what_is_right(String options, String complaint) throws IOException {
        file("song.wav", "music");

        int code = run(("stems song.wav " + options).split(" "));

        assertThat(complained()).contains(complaint.split("; ")).doesNotContain("Exception", "java.");
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
}
