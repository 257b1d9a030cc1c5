package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.AudioFormat;
import io.flowstate.core.ClipMode;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Stem;
import io.flowstate.core.StemSelection;
import io.flowstate.core.StemsRequest;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StemsAnswerTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void one_stem_flows_while_it_is_made() throws IOException {
        Gate gate = new Gate();
        server.local.next(Script.start()
                .openAll()
                .write("vocals", bytes("first"))
                .await(gate)
                .write("vocals", bytes("second")));

        HttpResponse<InputStream> answer = server.send(
                server.audio("?stems=vocals&name=My%20Song.mp3", "RIFF").build(), BodyHandlers.ofInputStream());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("audio/wav");
        assertThat(answer.headers().firstValue("flowstate-deployment")).contains("local/htdemucs");
        assertThat(answer.headers().firstValue("flowstate-cost-usd")).contains("0");
        assertThat(answer.headers().firstValue("flowstate-attempts")).contains("1");
        assertThat(answer.headers().firstValue("Content-Disposition").orElseThrow())
                .startsWith("attachment; filename=\"My Song-vocals.wav\"");
        assertThat(answer.body().readNBytes(5)).isEqualTo(bytes("first"));
        gate.open();
        assertThat(answer.body().readAllBytes()).isEqualTo(bytes("second"));
    }

    @Test
    void a_length_that_is_known_ahead_is_announced() {
        server.local.next(Script.start().openAll(6).write("vocals", bytes("abcdef")));

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.headers().firstValue("Content-Length")).contains("6");
        assertThat(answer.body()).isEqualTo("abcdef");
    }

    @Test
    void an_answer_shorter_than_announced_is_cut_off() {
        server.local.next(Script.start().openAll(60).write("vocals", bytes("abcdef")));

        assertThatThrownBy(() -> server.stems("?stems=vocals", "RIFF")).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void several_stems_come_as_a_zip_whose_first_entry_is_live() throws IOException {
        Gate gate = new Gate();
        server.local.next(Script.start()
                .openAll()
                .write("drums", bytes("drums1"))
                .write("vocals", bytes("vocals1"))
                .await(gate)
                .write("drums", bytes("drums2"))
                .write("vocals", bytes("vocals2")));

        HttpResponse<InputStream> answer = server.send(
                server.audio("?stems=vocals,drums&format=flac&name=song.mp3", "RIFF")
                        .build(),
                BodyHandlers.ofInputStream());

        assertThat(answer.headers().firstValue("Content-Type")).contains("application/zip");
        assertThat(answer.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("filename=\"song-stems.zip\"");
        byte[] head = answer.body().readNBytes("PK".length());
        assertThat(head).isEqualTo(bytes("PK"));
        gate.open();
        byte[] rest = answer.body().readAllBytes();
        assertThat(unzipped(head, rest))
                .containsExactly(
                        Map.entry("song-stems/drums.flac", "drums1drums2"),
                        Map.entry("song-stems/vocals.flac", "vocals1vocals2"));
    }

    @Test
    void without_a_choice_all_stems_come() throws IOException {
        HttpResponse<byte[]> answer = server.send(server.audio("", "RIFF").build(), BodyHandlers.ofByteArray());

        assertThat(unzipped(answer.body(), new byte[0]).keySet())
                .containsExactly(
                        "audio-stems/drums.wav",
                        "audio-stems/bass.wav",
                        "audio-stems/other.wav",
                        "audio-stems/vocals.wav");
        assertThat(unzipped(answer.body(), new byte[0]).values()).containsOnly(FakeProvider.PLAIN);
    }

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

    @Test
    void what_was_uploaded_is_what_the_provider_reads() throws IOException {
        String body = "x".repeat(300_000) + "end";
        Gate gate = new Gate();
        server.local.next(Script.start().openAll().await(gate));
        Thread client = Thread.ofVirtual().start(() -> server.stems("?stems=bass", body));
        gate.awaitReached();

        Path file = ((StemsRequest) server.local.seen().getFirst().request())
                .input()
                .file();
        assertThat(Files.readString(file)).isEqualTo(body);

        gate.open();
        join(client);
        TestServer.await("the upload is gone", () -> Files.notExists(file));
    }

    @Test
    void a_failure_before_the_first_byte_is_a_clean_error() {
        server.local.next(Script.start()
                .openAll()
                .fail(FlowError.of(Code.AUDIO_TRUNCATED, "The file ends early.").advice("Set allow_truncated.")));

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Disposition")).isEmpty();
        assertThat(answer.headers().firstValue("flowstate-deployment")).contains("local/htdemucs");
        assertThat(answer.body())
                .contains(
                        "\"code\":\"audio_truncated\"",
                        "\"advice\":\"Set allow_truncated.\"",
                        "\"attempts\":[{\"deployment\":\"local/htdemucs\",\"code\":\"audio_truncated\",\"message\":\"The file ends early.\"");
        assertThat(answer.headers().firstValue("flowstate-failed-attempts").orElseThrow())
                .matches("local/htdemucs; code=audio_truncated; ms=\\d+");
    }

    @Test
    void a_zip_that_fails_before_its_first_sample_is_a_clean_error_too() {
        server.local.next(Script.start()
                .openAll()
                .write("bass", bytes("which only waits"))
                .fail(FlowError.of(Code.AUDIO_TRUNCATED, "The file ends early.")));

        HttpResponse<String> answer = server.stems("", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Disposition")).isEmpty();
        assertThat(answer.body()).contains("\"code\":\"audio_truncated\"");
    }

    @Test
    void a_stem_that_the_spool_has_lost_is_the_servers_failure_and_not_the_clients_departure() throws Exception {
        Gate gate = new Gate();
        server.local.next(
                Script.start().openAll().write("bass", bytes("which waits")).await(gate));
        CompletableFuture<HttpResponse<String>> answer =
                server.client().sendAsync(server.audio("", "RIFF").build(), BodyHandlers.ofString());
        gate.awaitReached();
        Files.delete(server.spooled("bass"));
        gate.open();

        assertThat(answer.get().statusCode()).isEqualTo(500);
        assertThat(answer.get().body()).contains("\"code\":\"output_not_writable\"", "spool folder");
    }

    @Test
    void an_output_without_a_byte_is_an_empty_entry() throws IOException {
        server.local.next(Script.start().openAll().write("vocals", bytes("only vocals")));

        HttpResponse<byte[]> answer =
                server.send(server.audio("?stems=drums,vocals", "RIFF").build(), BodyHandlers.ofByteArray());

        assertThat(unzipped(answer.body(), new byte[0]))
                .containsExactly(
                        Map.entry("audio-stems/drums.wav", ""), Map.entry("audio-stems/vocals.wav", "only vocals"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_failure_after_the_first_byte_cuts_the_answer_off(boolean expected) throws IOException {
        Gate heard = new Gate();
        Script half = Script.start().openAll().write("vocals", bytes("half")).await(heard);
        server.local.next(
                expected
                        ? half.fail(FlowError.of(Code.AUDIO_TRUNCATED, "The file ends early."))
                        : half.crash(new IllegalStateException("a fault")));

        try (RawClient client = new RawClient(server.port())
                .says(
                        "POST /v1/stems?stems=vocals HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 4\n\nRIFF")) {
            assertThat(client.hearsUntil("half")).startsWith("HTTP/1.1 200");
            heard.open();
            assertThat(client.hearsAll()).doesNotContain("0\r\n\r\n", "error");
        }
        assertThat(server.worker.seen()).isEmpty();
    }

    @Test
    void another_deployment_takes_over_when_nothing_has_left_yet() throws IOException {
        server.local.next(Script.start().openAll(99).fail(FlowError.of(Code.OUT_OF_MEMORY, "It does not fit.")));

        HttpResponse<String> one = server.stems("?stems=vocals", "RIFF");

        assertThat(one.statusCode()).isEqualTo(200);
        assertThat(one.body()).isEqualTo(FakeProvider.PLAIN);
        assertThat(one.headers().firstValue("flowstate-deployment")).contains("worker/htdemucs");
        assertThat(one.headers().firstValue("flowstate-cost-usd")).contains("unpriced");
        assertThat(one.headers().firstValue("flowstate-attempts")).contains("2");
        assertThat(one.headers().firstValue("flowstate-failed-attempts").orElseThrow())
                .as("what fell back and why")
                .matches("local/htdemucs; code=[a-z_]+; ms=\\d+");

        server.local.next(Script.start()
                .openAll()
                .write("bass", bytes("waits"))
                .fail(FlowError.of(Code.OUT_OF_MEMORY, "It does not fit.")));
        HttpResponse<byte[]> zip = server.send(server.audio("", "RIFF").build(), BodyHandlers.ofByteArray());
        assertThat(unzipped(zip.body(), new byte[0]))
                .hasSize(4)
                .containsEntry("audio-stems/bass.wav", FakeProvider.PLAIN);
    }

    @Test
    void a_crash_says_nothing_of_its_inside() {
        server.local.next(Script.start().crash(new IllegalStateException("secret detail")));
        server.worker.next(Script.start().crash(new IllegalStateException("secret detail")));

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body())
                .contains("\"code\":\"internal_error\"")
                .doesNotContain("secret", "Exception", "\tat ");
    }

    @Test
    void a_full_queue_says_when_to_come_back() {
        FlowError full = FlowError.of(Code.QUEUE_FULL, "The queue is full.").retryAfter(Duration.ofMillis(2_100));
        server.local.next(Script.start().fail(full));
        server.worker.next(Script.start().fail(full));

        HttpResponse<String> answer = server.stems("?stems=vocals", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).contains("3");
    }

    @Test
    void work_that_passes_its_deadline_is_stopped() {
        server.worker.next(Script.start().openAll().await(new Gate()));

        HttpResponse<String> answer = server.stems("?stems=vocals&deadline_ms=100&providers=worker", "RIFF");

        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).contains("\"code\":\"deadline_exceeded\"");
    }

    private static Map<String, String> unzipped(byte[] head, byte[] rest) throws IOException {
        byte[] all = new byte[head.length + rest.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(rest, 0, all, head.length, rest.length);
        Map<String, String> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(all))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return entries;
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException stop) {
            throw new AssertionError(stop);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
