package io.flowstate.core;

import static io.flowstate.core.AudioFormat.Bits.FLOAT_32;
import static io.flowstate.core.AudioFormat.Bits.PCM_16;
import static io.flowstate.core.AudioFormat.Bits.PCM_24;
import static io.flowstate.core.AudioFormat.Container.FLAC;
import static io.flowstate.core.AudioFormat.Container.M4A;
import static io.flowstate.core.AudioFormat.Container.MP3;
import static io.flowstate.core.AudioFormat.Container.OPUS;
import static io.flowstate.core.AudioFormat.Container.WAV;
import static io.flowstate.core.Stem.BASS;
import static io.flowstate.core.Stem.DRUMS;
import static io.flowstate.core.Stem.OTHER;
import static io.flowstate.core.Stem.PIANO;
import static io.flowstate.core.Stem.VOCALS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.AudioFormat.Bits;
import io.flowstate.core.AudioFormat.Container;
import io.flowstate.core.StemSelection.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Requests refuse what makes no sense, and say which field and why. */
class RequestChecksTest {
    private static final List<Stem> FOUR = List.of(DRUMS, BASS, OTHER, VOCALS);

    @Test
    void all_stems_come_in_the_models_order() {
        assertThat(new StemSelection.All().parts(FOUR))
                .extracting(Part::name)
                .containsExactly("drums", "bass", "other", "vocals");
    }

    @Test
    void chosen_stems_come_in_the_models_order_too() {
        Set<Stem> typed = new LinkedHashSet<>(List.of(VOCALS, DRUMS));

        assertThat(new StemSelection.Some(typed).parts(FOUR))
                .containsExactly(new Part("drums", Set.of(DRUMS)), new Part("vocals", Set.of(VOCALS)));
    }

    @Test
    void one_stem_against_the_rest_gives_it_and_the_sum_of_the_others() {
        assertThat(new StemSelection.Against(BASS).parts(FOUR))
                .containsExactly(new Part("bass", Set.of(BASS)), new Part("no_bass", Set.of(DRUMS, OTHER, VOCALS)));
    }

    @Test
    void stems_are_always_summed_in_the_models_order_because_float_sums_depend_on_it() {
        List<Stem> order = List.of(VOCALS, OTHER, DRUMS, BASS);

        assertThat(new StemSelection.Against(DRUMS).parts(order).getLast().sumOf())
                .containsExactly(VOCALS, OTHER, BASS);
    }

    @Test
    void a_stem_that_the_model_lacks_is_refused_with_those_that_it_has() {
        for (StemSelection wrong : List.of(new StemSelection.Some(Set.of(PIANO)), new StemSelection.Against(PIANO))) {
            FlowError error = refusal(() -> wrong.parts(FOUR));

            assertThat(error.code()).isEqualTo(Code.UNKNOWN_STEM);
            assertThat(error).hasMessage("There is no stem \"piano\".");
            assertThat(error.field()).contains(wrong instanceof StemSelection.Against ? "two_stems" : "stems");
            assertThat(error.advice()).contains("Valid names: drums, bass, other, vocals.");
        }
    }

    @Test
    void a_selection_names_at_least_one_stem() {
        assertThat(refusal(() -> new StemSelection.Some(Set.of()))).hasMessage("stems must name at least one stem.");
    }

    @Test
    void a_word_that_is_no_stem_is_refused_with_all_that_there_are() {
        FlowError error = refusal(() -> Stem.of("vocal"));

        assertThat(error.code()).isEqualTo(Code.UNKNOWN_STEM);
        assertThat(error.advice()).contains("Valid names: drums, bass, other, vocals, guitar, piano.");
        assertThat(Stem.of("Vocals")).isEqualTo(VOCALS);
    }

    @Test
    void names_are_read_in_any_case_and_a_wrong_one_lists_the_right_ones() {
        assertThat(Container.of("FLAC")).isEqualTo(FLAC);
        assertThat(Bits.of("32F")).isEqualTo(FLOAT_32);
        assertThat(ClipMode.of("rescale")).isEqualTo(ClipMode.RESCALE);
        assertThat(Task.of("stems")).isEqualTo(Task.STEMS);

        assertThat(refusal(() -> Container.of("ogg")))
                .hasMessage("format cannot be \"ogg\".")
                .satisfies(
                        error -> assertThat(error.advice()).contains("Valid values: wav, flac, mp3, opus, m4a."),
                        error -> assertThat(error.field()).contains("format"),
                        error -> assertThat(error.code()).isEqualTo(Code.BAD_REQUEST));
        assertThat(refusal(() -> Bits.of("8")).advice()).contains("Valid values: 16, 24, 32f.");
        assertThat(refusal(() -> ClipMode.of("soft")).advice()).contains("Valid values: clamp, rescale, none.");
        assertThat(refusal(() -> Task.of("sing"))).hasMessage("task cannot be \"sing\".");
    }

    @Test
    void a_name_that_is_nearly_right_is_answered_with_the_one_that_was_meant() {
        assertThat(refusal(() -> Quality.of("Bset")))
                .hasMessage("quality cannot be \"Bset\".")
                .satisfies(error ->
                        assertThat(error.advice()).contains("Did you mean best? Valid values: fast, standard, best."));
        assertThat(refusal(() -> Quality.of("ultra")).advice()).contains("Valid values: fast, standard, best.");
        assertThat(Quality.of("FAST")).isEqualTo(Quality.FAST);
    }

    @Test
    void a_request_that_says_nothing_of_it_has_standard_quality() {
        StemsRequest request = StemsRequest.of(new AudioInput("song", Path.of("song.wav")));

        assertThat(request.overlap()).isEqualTo(Quality.STANDARD.overlap());
        assertThat(request.shifts()).isEqualTo(Quality.STANDARD.shifts());
    }

    @Test
    void better_quality_takes_longer() {
        assertThat(Quality.values())
                .extracting(quality -> quality.shifts() / (1 - quality.overlap()))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void flac_has_no_float_samples() {
        assertThat(refusal(() -> new AudioFormat(FLAC, FLOAT_32, OptionalInt.empty())))
                .hasMessage("bits must be 16 or 24 for flac, which has no float samples.");
    }

    @Test
    void a_bitrate_is_for_lossy_formats_and_inside_their_range() {
        assertThat(refusal(() -> format(WAV, 128)))
                .hasMessage("bitrate is for mp3, opus and m4a; wav is lossless and has `bits`.");
        assertThat(refusal(() -> format(MP3, 321))).hasMessage("bitrate must be 32..320 kbit/s for mp3, was 321.");
        assertThat(refusal(() -> format(OPUS, 31))).hasMessage("bitrate must be 32..510 kbit/s for opus, was 31.");
        assertThat(format(M4A, 512).effectiveBitrateKbps()).isEqualTo(512);
        assertThat(new AudioFormat(OPUS, PCM_24, OptionalInt.empty()).effectiveBitrateKbps())
                .isEqualTo(192);
    }

    @Test
    void bits_are_for_lossless_formats_but_need_not_be_named() {
        FlowError refused = refusal(() -> AudioFormat.of(MP3, Optional.of(PCM_16), OptionalInt.empty()));

        assertThat(refused).hasMessage("bits is for wav and flac; mp3 is lossy and has a `bitrate`.");
        assertThat(refused.field()).contains("bits");
        assertThat(AudioFormat.of(FLAC, Optional.of(PCM_16), OptionalInt.empty())
                        .bits())
                .isEqualTo(PCM_16);
        assertThat(AudioFormat.of(WAV, Optional.empty(), OptionalInt.empty())).isEqualTo(AudioFormat.DEFAULT);
        assertThat(AudioFormat.of(MP3, Optional.empty(), OptionalInt.of(128)).effectiveBitrateKbps())
                .isEqualTo(128);
    }

    @Test
    void overlap_and_shifts_have_bounds() {
        assertThat(refusal(() -> request(0.96, 1, AudioFormat.DEFAULT, ClipMode.CLAMP)))
                .hasMessage("overlap must be 0..0.95, was 0.96.");
        assertThat(refusal(() -> request(Double.NaN, 1, AudioFormat.DEFAULT, ClipMode.CLAMP)))
                .hasMessage("overlap must be 0..0.95, was NaN.");
        assertThat(refusal(() -> request(0, 0, AudioFormat.DEFAULT, ClipMode.CLAMP))
                        .field())
                .contains("shifts");
        assertThat(refusal(() -> request(0, 11, AudioFormat.DEFAULT, ClipMode.CLAMP)))
                .hasMessage("shifts must be 1..10, was 11.");
    }

    @Test
    void samples_over_full_scale_are_left_only_where_they_can_be_written() {
        assertThat(refusal(() -> request(0, 1, AudioFormat.DEFAULT, ClipMode.NONE)))
                .hasMessage("clip can be none only with `bits` 32f or a lossy `format`;"
                        + " integer samples cannot go over full scale.");
        assertThat(request(0, 1, new AudioFormat(WAV, FLOAT_32, OptionalInt.empty()), ClipMode.NONE)
                        .clip())
                .isEqualTo(ClipMode.NONE);
        assertThat(request(0, 1, format(MP3, 256), ClipMode.NONE).clip()).isEqualTo(ClipMode.NONE);
    }

    @Test
    void facts_of_audio_are_possible_ones() {
        assertThat(refusal(() -> facts(999, 2, Duration.ZERO)).field()).contains("sample rate");
        assertThat(refusal(() -> facts(44_100, 65, Duration.ZERO))).hasMessage("channels must be 1..64, were 65.");
        assertThat(refusal(() -> facts(44_100, 2, Duration.ofMillis(-1)))).hasMessage("duration must not be negative.");
    }

    private static FlowError refusal(ThrowingCallable action) {
        FlowError error = catchThrowableOfType(FlowError.class, action);
        assertThat(error).as("it was to be refused").isNotNull();
        return error;
    }

    private static AudioFormat format(Container container, int kbps) {
        return new AudioFormat(container, PCM_24, OptionalInt.of(kbps));
    }

    private static AudioFacts facts(int rate, int channels, Duration length) {
        return new AudioFacts("wav", "pcm_s16le", rate, channels, Optional.of(length));
    }

    private static StemsRequest request(double overlap, int shifts, AudioFormat format, ClipMode clip) {
        return new StemsRequest(
                new AudioInput("song", Path.of("song.wav")),
                new StemSelection.All(),
                Optional.empty(),
                overlap,
                shifts,
                0,
                format,
                clip,
                false);
    }
}
