package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.StemsRequest;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How the stems come. */
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
        assertThat(Zip.entries(head, rest))
                .containsExactly(
                        Map.entry("song-stems/drums.flac", "drums1drums2"),
                        Map.entry("song-stems/vocals.flac", "vocals1vocals2"));
    }

    @Test
    void without_a_choice_all_stems_come() throws IOException {
        HttpResponse<byte[]> answer = server.send(server.audio("", "RIFF").build(), BodyHandlers.ofByteArray());

        assertThat(Zip.entries(answer.body()).keySet())
                .containsExactly(
                        "audio-stems/drums.wav",
                        "audio-stems/bass.wav",
                        "audio-stems/other.wav",
                        "audio-stems/vocals.wav");
        assertThat(Zip.entries(answer.body()).values()).containsOnly(FakeProvider.PLAIN);
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
    void an_output_without_a_byte_is_an_empty_entry() throws IOException {
        server.local.next(Script.start().openAll().write("vocals", bytes("only vocals")));

        HttpResponse<byte[]> answer =
                server.send(server.audio("?stems=drums,vocals", "RIFF").build(), BodyHandlers.ofByteArray());

        assertThat(Zip.entries(answer.body()))
                .containsExactly(
                        Map.entry("audio-stems/drums.wav", ""), Map.entry("audio-stems/vocals.wav", "only vocals"));
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
