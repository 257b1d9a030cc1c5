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
import java.util.SplittableRandom;
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
    void a_form_without_a_file_says_which_part_is_missing() {
        HttpResponse<String> answer =
                server.post("/v1/stems", Forms.TYPE, Forms.with("stems", "bass").end());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"file\"", "is missing");
    }

    @Test
    void bent_forms_are_400() {
        Forms whole = Forms.with("stems", "bass").file("file", "a.wav", "RIFF");
        Forms many = Forms.with();
        for (int i = 0; i < 10_000; i++) {
            many.part("form-data; name=\"stems\"", "bass");
        }
        assertIs400("many parts", Forms.TYPE, many.end());
        assertIs400("no boundary", "multipart/form-data", whole.end());
        assertIs400("another boundary", "multipart/form-data; boundary=other", whole.end());
        assertIs400("no end", Forms.TYPE, whole.unended());
        assertIs400("no parts", Forms.TYPE, "--" + Forms.BOUNDARY + "--\r\n");
        assertIs400("nothing", Forms.TYPE, "");
        assertIs400("no name", Forms.TYPE, Forms.with().part("form-data", "x").end());
        assertIs400(
                "two files",
                Forms.TYPE,
                Forms.with().file("file", "a", "x").file("file", "b", "y").end());
        assertIs400(
                "a form in a form",
                Forms.TYPE,
                Forms.with().part("form-data; name=\"inner\"", whole.end()).end());
        assertIs400(
                "endless part head",
                Forms.TYPE,
                Forms.with().part("form-data; x=" + "y".repeat(100_000), "x").end());
        assertIs400(
                "endless option",
                Forms.TYPE,
                Forms.with("model", "y".repeat(100_000)).file("file", "a", "x").end());
        assertIs400(
                "unknown option",
                Forms.TYPE,
                Forms.with("colour", "red").file("file", "a", "x").end());
        assertThat(server.local.seen()).isEmpty();
    }

    private void assertIs400(String what, String mediaType, String form) {
        HttpResponse<String> answer = server.post("/v1/stems", mediaType, form);
        assertThat(answer.statusCode()).as("%s: %s", what, answer.body()).isEqualTo(400);
        assertThat(answer.body()).as(what).contains("\"code\":\"bad_request\"");
        TestServer.await("the spool is empty", server::spoolIsEmpty);
    }

    @Test
    void names_from_a_form_lead_nowhere() {
        HttpResponse<String> answer = server.post(
                "/v1/stems?stems=bass",
                Forms.TYPE,
                Forms.with().file("file", "../../etc/pass\"wd.wav", "RIFF").end());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Disposition").orElseThrow())
                .doesNotContain("..", "/");
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

    /** Whatever is done to a form, the answer is a success or the caller's fault, and nothing stays behind. */
    @Test
    void five_hundred_mutations_of_a_form_do_no_harm() {
        SplittableRandom random = new SplittableRandom(20261122);
        String form = Forms.with("stems", "bass", "format", "flac", "seed", "7")
                .file("file", "song.wav", "RIFF" + "x".repeat(70_000))
                .part("form-data; name=\"priority\"", "background")
                .end();
        for (int i = 0; i < 500; i++) {
            String bent = mutate(form, random);
            HttpResponse<String> answer = server.post("/v1/stems", Forms.TYPE, bent);
            assertThat(answer.statusCode())
                    .as("mutation %d: %s", i, answer.body())
                    .isIn(200, 400, 422);
        }
        TestServer.await("the spool is empty", server::spoolIsEmpty);
    }

    private static String mutate(String form, SplittableRandom random) {
        StringBuilder bent = new StringBuilder(form);
        for (int n = 1 + random.nextInt(5); n > 0; n--) {
            // Most of the form is the file; what matters is around it.
            int at = random.nextBoolean() ? random.nextInt(400) : bent.length() - 1 - random.nextInt(200);
            switch (random.nextInt(5)) {
                case 0 -> bent.setCharAt(at, (char) random.nextInt(128));
                case 1 -> bent.deleteCharAt(at);
                case 2 -> bent.insert(at, (char) random.nextInt(128));
                case 3 -> bent.insert(at, "\r\n--" + Forms.BOUNDARY + "\r\n");
                default -> bent.setLength(Math.max(500, at));
            }
        }
        return bent.toString();
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
