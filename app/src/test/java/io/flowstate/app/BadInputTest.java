package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.core.Code;
import io.flowstate.testkit.Await;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is wrong with a file is told alike on the command line and over HTTP, and leaves nothing behind on either. */
final class BadInputTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int DAMAGED_UPLOADS = 40;

    @TempDir
    Path ground;

    private RealHouse house;

    @BeforeEach
    void build() throws IOException {
        house = new RealHouse(ground, TinyDemucs.small());
    }

    @AfterEach
    void nothing_is_left_running() throws Exception {
        assertThat(house.spool).isEmptyDirectory();
        Await.until(
                "no child process is left",
                () -> ProcessHandle.current().children().findAny().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("io.flowstate.app.BadInput#all")
    void both_faces_take_or_refuse_it_alike(BadInput input) throws Exception {
        assertBothFaces(input);
    }

    @Test
    void a_few_kilobytes_that_decode_to_half_a_day_are_stopped() throws Exception {
        byte[] bomb = ConstantFlac.of(30_000, 0);
        assertThat(bomb.length).isLessThan(500_000);
        house.set(Keys.AUDIO_CPU_LIMIT, "1s");

        assertBothFaces(new BadInput("a bomb", "bomb.flac", bomb, false, Optional.of(Code.AUDIO_UNREADABLE)));
    }

    @ParameterizedTest
    @CsvSource({"concat", "playlist", "hls"})
    void a_script_that_poses_as_audio_reads_no_file_and_no_network(String kind) throws Exception {
        Path canary = house.file("canary.wav", BadInput.all().toList().getLast().bytes);
        AtomicInteger visits = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> count(server, visits));
            for (String target : List.of(
                    canary.toString(),
                    "canary.wav",
                    "file:" + canary,
                    "http://127.0.0.1:%d/canary.wav".formatted(server.getLocalPort()))) {
                byte[] script = script(kind, target).getBytes(StandardCharsets.UTF_8);
                assertBothFaces(new BadInput(kind, "song.mp3", script, false, Optional.of(Code.AUDIO_UNREADABLE)));
            }
        }
        assertThat(visits).hasValue(0);
    }

    /** The decoder's own tests do this by the thousand; here the whole way from the upload to the answer. */
    @Test
    void damaged_uploads_are_answered_with_stems_or_as_the_callers_fault() throws Exception {
        Path good = house.file("good.wav", BadInput.all().toList().getLast().bytes);
        assertThat(house.run("stems", "good.wav", "--stems", "vocals", "--format", "flac")
                        .code())
                .isZero();
        byte[] flac = Files.readAllBytes(house.here.resolve("good-stems/vocals.flac"));
        Map<Integer, Integer> answers = new TreeMap<>();

        try (LiveServer server = house.serve()) {
            for (int seed = 0; seed < DAMAGED_UPLOADS; seed++) {
                byte[] file = damaged(seed % 2 == 0 ? flac : Files.readAllBytes(good), seed);
                HttpResponse<byte[]> answer = server.stems("stems=vocals", "song", file);
                assertThat(answer.statusCode()).as("seed %d", seed).isBetween(200, 499);
                answers.merge(answer.statusCode(), 1, Integer::sum);
            }
        }

        assertThat(answers).as("some were taken, some refused").containsKeys(200, 422);
    }

    /** One to six bytes changed, half of them among the headers. */
    private static byte[] damaged(byte[] good, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] file = good.clone();
        for (int left = 1 + random.nextInt(6); left > 0; left--) {
            file[random.nextInt(random.nextBoolean() ? file.length : 64)] = (byte) random.nextInt();
        }
        return file;
    }

    private static void count(ServerSocket server, AtomicInteger visits) {
        try {
            while (true) {
                server.accept().close();
                visits.incrementAndGet();
            }
        } catch (SocketException closed) {
            // The test is over.
        } catch (IOException broken) {
            visits.addAndGet(1000);
        }
    }

    private static String script(String kind, String target) {
        return switch (kind) {
            case "concat" -> "ffconcat version 1.0\nfile '%s'\nduration 1\n".formatted(target);
            case "playlist" -> "#EXTM3U\n#EXTINF:1,song\n%s\n".formatted(target);
            case "hls" ->
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n"
                        .formatted(target);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @ParameterizedTest
    @CsvSource({"stems, vocal", "stems, guitar", "stems, 'drums,vocal'", "two_stems, vocal"})
    void an_unknown_stem_is_answered_with_those_that_the_model_has(String option, String names) throws Exception {
        byte[] song = BadInput.all().toList().getLast().bytes;
        house.file("song.wav", song);

        RealHouse.Ran ran = house.run("stems", "song.wav", "--" + option.replace('_', '-'), names);
        JsonNode error = refusal(ask(option + "=" + names, "song.wav", song), Code.UNKNOWN_STEM);

        assertThat(ran.code()).isEqualTo(Failures.USAGE);
        assertThat(ran.err())
                .contains(error.get("message").asString())
                .contains("Valid names: drums, bass, other, vocals.");
        assertThat(error.get("advice").asString()).isEqualTo("Valid names: drums, bass, other, vocals.");
        assertThat(house.left()).containsExactly("song.wav");
    }

    private void assertBothFaces(BadInput input) throws Exception {
        house.file(input.fileName, input.bytes);
        List<String> before = house.left();

        RealHouse.Ran ran = input.allowTruncated
                ? house.run("stems", "--json", "-q", "--allow-truncated", input.fileName)
                : house.run("stems", "--json", "-q", input.fileName);
        HttpResponse<byte[]> answer =
                ask("stems=vocals&allow_truncated=" + input.allowTruncated, input.fileName, input.bytes);

        if (input.refusal.isPresent()) {
            assertRefused(input.refusal.get(), ran, answer);
            assertThat(house.left()).isEqualTo(before);
        } else {
            assertTaken(ran, answer, input.allowTruncated);
        }
    }

    private HttpResponse<byte[]> ask(String query, String fileName, byte[] content) throws Exception {
        try (LiveServer server = house.serve()) {
            return server.stems(query, fileName, content);
        }
    }

    private void assertRefused(Code code, RealHouse.Ran ran, HttpResponse<byte[]> answer) {
        assertThat(ran.code()).as(ran.err()).isEqualTo(Failures.FAILED);
        JsonNode told = JSON.readTree(ran.out()).get("error");
        assertThat(told.get("code").asString()).as(ran.out()).isEqualTo(code.id());
        assertThat(ran.err())
                .as("said once is enough")
                .doesNotContain(told.get("message").asString());
        JsonNode error = refusal(answer, code);
        assertThat(error.get("message").asString())
                .isEqualTo(told.get("message").asString());
        assertThat(error.get("advice").asString()).isEqualTo(told.get("advice").asString());
        assertThat(ran.out() + ran.err() + error)
                .doesNotContain(house.ground().toString(), "Exception", "\tat ", "io.flowstate");
    }

    private static JsonNode refusal(HttpResponse<byte[]> answer, Code code) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(code.httpStatus());
        JsonNode error = JSON.readTree(body).get("error");
        assertThat(error.get("code").asString()).isEqualTo(code.id());
        return error;
    }

    private void assertTaken(RealHouse.Ran ran, HttpResponse<byte[]> answer, boolean cut) throws IOException {
        assertThat(ran.code()).as(ran.err()).isZero();
        JsonNode line = JSON.readTree(ran.out());
        assertThat(line.get("files")).hasSize(4);
        assertThat(answer.statusCode()).isEqualTo(200);
        Optional<String> missing = answer.headers().firstValue("flowstate-audio-missing-seconds");
        assertThat(missing.map(Double::parseDouble))
                .isEqualTo(Optional.of(line.get("missing_s"))
                        .filter(JsonNode::isNumber)
                        .map(JsonNode::asDouble));
        assertThat(missing.isPresent()).as("it was cut").isEqualTo(cut);
        Path vocals = house.here.resolve(line.get("files").get(3).get("path").asString());
        assertThat(RealHouse.framesOf(vocals)).isPositive();
        // The graph only scales, so both faces give the same bytes.
        assertThat(answer.body()).isEqualTo(Files.readAllBytes(vocals));
    }
}
