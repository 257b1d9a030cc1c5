package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.StemsRequest;
import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.MovableClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadsTest {
    @TempDir
    Path files;

    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000, 70_000, 3_000_000})
    void curl_sends_a_form_and_saves_the_stem_under_its_name(int bytes) throws IOException {
        Path song = Files.write(files.resolve("Müller's song.mp3"), new byte[bytes]);

        String said = curl(
                "-sS",
                "-OJ",
                "--output-dir",
                files.toString(),
                "-F",
                "file=@" + song,
                server.uri("/v1/stems?stems=vocals&format=flac").toString());

        assertThat(said).isEmpty();
        assertThat(files.resolve("M_ller's song-vocals.flac")).hasContent(FakeProvider.PLAIN);
        StemsRequest request = (StemsRequest) server.local.seen().getFirst().request();
        assertThat(request.input().name()).isEqualTo("Müller's song.mp3");
    }

    @Test
    void curl_may_wait_for_100_continue() throws IOException {
        Path song = Files.write(files.resolve("song.wav"), new byte[200_000]);

        String said = curl(
                "-sv",
                "-H",
                "Expect: 100-continue",
                "-F",
                "file=@" + song,
                server.uri("/v1/stems?stems=vocals").toString());

        assertThat(said).contains("HTTP/1.1 100 Continue", "HTTP/1.1 200 OK", FakeProvider.PLAIN);
    }

    @Test
    void a_body_that_is_announced_too_large_is_refused_before_it_is_sent() throws IOException {
        Path song = Files.write(files.resolve("song.wav"), new byte[5 << 20]);

        String said = curl(
                "-sv",
                "-H",
                "Expect: 100-continue",
                "-F",
                "file=@" + song,
                server.uri("/v1/stems").toString());

        assertThat(said).contains("HTTP/1.1 413", "too_large").doesNotContain("100 Continue");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Expect:", "Transfer-Encoding: chunked"})
    void a_body_that_grows_too_large_is_refused_and_the_client_hears_why(String header) throws IOException {
        Path song = Files.write(files.resolve("song.wav"), new byte[30 << 20]);

        String form = curl(
                "-s",
                "-H",
                header,
                "-F",
                "file=@" + song,
                server.uri("/v1/stems").toString());
        String raw = curl(
                "-s",
                "-H",
                header,
                "-H",
                "Content-Type: audio/wav",
                "--data-binary",
                "@" + song,
                server.uri("/v1/stems").toString());

        assertThat(form).contains("too_large", "4194304 bytes");
        assertThat(raw).contains("too_large", "4194304 bytes");
    }

    @Test
    void text_that_poses_as_audio_is_422() {
        HttpResponse<String> answer = server.post(
                "/v1/stems",
                Forms.TYPE,
                Forms.with().file("file", "song.mp3", "not audio, just text").end());

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("audio_unreadable", "song.mp3 is not audio", "\"field\":\"file\"");
    }

    @Test
    void an_empty_file_is_422() {
        assertThat(server.stems("", "").body()).contains("audio_empty");
        assertThat(server.post(
                                "/v1/stems",
                                Forms.TYPE,
                                Forms.with().file("file", "a.wav", "").end())
                        .body())
                .contains("audio_empty");
    }

    @Test
    void a_body_that_stalls_is_408() throws IOException {
        try (RawClient client = new RawClient(server.port())
                .says("POST /v1/stems HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 1000\n\n")
                .sends("RIFF")) {
            assertThat(client.hearsAll()).startsWith("HTTP/1.1 408").contains("upload_timeout");
        }
    }

    @Test
    void a_body_that_drips_is_408_although_it_never_stalls() throws IOException {
        MovableClock clock = new MovableClock(Instant.EPOCH);
        try (TestServer slow = new TestServer(TestServer.IDLE, Duration.ZERO, clock);
                RawClient client = new RawClient(slow.port())) {
            client.says("POST /v1/stems HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 1000\n\n")
                    .sends("RIFF");
            TestServer.await("the first bytes are spooled", () -> slow.spooledBytes() == 4);

            clock.move(Duration.ofHours(1));
            client.sends("x");

            assertThat(client.hearsAll()).startsWith("HTTP/1.1 408").contains("too slowly");
        }
    }

    @Test
    void a_form_that_stalls_is_408() throws IOException {
        try (RawClient client = new RawClient(server.port())
                .says("POST /v1/stems HTTP/1.1\nHost: localhost\nContent-Type: %s\nContent-Length: 1000000\n\n"
                        .formatted(Forms.TYPE))
                .sends(Forms.with().file("file", "a.wav", "x".repeat(200_000)).unended())) {
            assertThat(client.hearsAll()).startsWith("HTTP/1.1 408").contains("upload_timeout");
        }
    }

    @Test
    void a_body_cut_off_by_the_client_is_told_so_if_it_still_listens() throws IOException {
        try (RawClient client = new RawClient(server.port())
                .says("POST /v1/stems HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 1000\n\n")
                .sends("RIFF")) {
            client.endsSending();
            assertThat(client.hearsAll()).startsWith("HTTP/1.1 400").contains("bad_request", "ended before");
        }
    }

    private static String curl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("curl", "--max-time", "20"));
        command.addAll(List.of(arguments));
        Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream said = curl.getInputStream()) {
            return new String(said.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
