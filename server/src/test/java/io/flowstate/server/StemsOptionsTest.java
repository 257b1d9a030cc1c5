package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import java.net.http.HttpResponse;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the options of a request reach whoever runs it. */
class StemsOptionsTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void every_option_reaches_the_provider() {
        server.stems(
                "?two_stems=vocals&model=local/htdemucs&format=mp3&bitrate=256&clip=rescale&overlap=0.5&shifts=3&seed=7"
                        + "&allow_truncated=true&priority=background&max_cost_usd=1.5&deadline_ms=60000&providers=local,worker"
                        + "&data=local-only&commercial_use=false&name=x.wav",
                "RIFF");

        StemsRequest request = (StemsRequest) server.local.seen().getFirst().request();
        assertThat(request.selection()).isEqualTo(new StemSelection.Against(Stem.VOCALS));
        assertThat(request.model()).contains("local/htdemucs");
        assertThat(request.output())
                .isEqualTo(new AudioFormat(AudioFormat.Container.MP3, AudioFormat.Bits.PCM_24, OptionalInt.of(256)));
        assertThat(request.clip()).isEqualTo(ClipMode.RESCALE);
        assertThat(request.overlap()).isEqualTo(0.5);
        assertThat(request.shifts()).isEqualTo(3);
        assertThat(request.seed()).isEqualTo(7);
        assertThat(request.allowTruncated()).isTrue();
        assertThat(request.input().name()).isEqualTo("x.wav");
    }

    @ParameterizedTest
    @CsvSource({
        "?stems=bass, 0.25, 1",
        "?stems=bass&quality=fast, 0.1, 1",
        "?stems=bass&quality=best, 0.25, 2",
        "?stems=bass&quality=best&overlap=0.5, 0.5, 2",
        "?stems=bass&quality=best&shifts=1, 0.25, 1"
    })
    void quality_stands_for_overlap_and_shifts_unless_these_are_given(String query, double overlap, int shifts) {
        assertThat(server.stems(query, "RIFF").statusCode()).isEqualTo(200);

        StemsRequest request = (StemsRequest) server.local.seen().getFirst().request();
        assertThat(request.overlap()).isEqualTo(overlap);
        assertThat(request.shifts()).isEqualTo(shifts);
    }

    @Test
    void options_may_be_form_fields_as_well() {
        String form = Forms.with("stems", "bass", "bits", "16", "quality", "fast")
                .file("file", "a.wav", "RIFF")
                .end();

        HttpResponse<String> answer = server.post("/v1/stems?format=flac", Forms.TYPE, form);

        assertThat(answer.statusCode()).isEqualTo(200);
        StemsRequest request = (StemsRequest) server.local.seen().getFirst().request();
        assertThat(request.selection()).isEqualTo(new StemSelection.Some(Set.of(Stem.BASS)));
        assertThat(request.output())
                .isEqualTo(new AudioFormat(AudioFormat.Container.FLAC, AudioFormat.Bits.PCM_16, OptionalInt.empty()));
        assertThat(request.overlap()).isEqualTo(0.1);
    }
}
