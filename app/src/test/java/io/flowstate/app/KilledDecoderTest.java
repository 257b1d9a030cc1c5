package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that is killed while ffmpeg decodes the input of its job. */
@Timeout(600)
final class KilledDecoderTest {
    private static final int RATE = 44_100;
    private static final int SECONDS = 12;
    private static final Path NATIVES = Path.of(System.getProperty("flowstate.natives"));
    private static final Path FFMPEG = NATIVES.resolve("ffmpeg/ffmpeg");

    @TempDir
    Path ground;

    @ParameterizedTest
    @ValueSource(strings = {"flac", "mp3"})
    void the_next_one_decodes_it_again_and_gives_what_an_undisturbed_run_gives(String format) throws Exception {
        RealHouse house = new RealHouse(ground, TinyDemucs.small().slowedBy(4))
                .set(Keys.AUDIO_FFMPEG, FFMPEG.toString())
                .set(Keys.AUDIO_FFPROBE, FFMPEG.resolveSibling("ffprobe").toString())
                .variable("JAVA_TOOL_OPTIONS", "-Donnxruntime.native.path=" + NATIVES.resolve("onnxruntime"));
        byte[] song = format.equals("mp3") ? silentMp3() : flac(house);
        String job;
        try (Program first = house.startUnpackaged("serve");
                LiveServer server = LiveServer.of(first)) {
            job = server.submit("stems=bass", song);
            Await.until("the engine runs", () -> server.running() == 1);
            Await.until("ffmpeg decodes", () -> !decoders(first).isEmpty());
            List<ProcessHandle> decoders = decoders(first);

            first.signal("KILL");

            first.awaitExit();
            Await.until("ffmpeg ends with it", () -> decoders.stream().noneMatch(ProcessHandle::isAlive));
        }

        try (Program second = house.startUnpackaged("serve");
                LiveServer server = LiveServer.of(second)) {
            String undisturbed = server.submit("stems=bass", song);

            assertThat(done(server, job)).contains("\"status\":\"succeeded\"", "\"attempt\":2");
            assertThat(done(server, undisturbed)).contains("\"status\":\"succeeded\"", "\"attempt\":1");
            byte[] bass = server.bytes("/v1/jobs/%s/outputs/bass".formatted(job));
            assertThat(bass.length).isGreaterThan((SECONDS - 1) * RATE);
            assertThat(Arrays.equals(bass, server.bytes("/v1/jobs/%s/outputs/bass".formatted(undisturbed))))
                    .isTrue();
        }
    }

    private static String done(LiveServer server, String job) throws Exception {
        String path = "/v1/jobs/%s?wait=30s".formatted(job);
        Await.until(
                "the job is over", () -> !server.get(path).body().matches("(?s).*\"status\":\"(queued|running)\".*"));
        return server.get(path).body();
    }

    private static List<ProcessHandle> decoders(Program program) {
        return program.children().stream()
                .filter(child -> child.info().command().orElse("").endsWith("/ffmpeg"))
                .toList();
    }

    private static byte[] flac(RealHouse house) throws Exception {
        Path wav = house.file("song.wav", TestAudio.wav(TestAudio.tune(2, RATE, SECONDS * RATE, 1), RATE));
        Path flac = wav.resolveSibling("song.flac");
        ProcessBuilder encoder = new ProcessBuilder(
                        FFMPEG.toString(), "-nostdin", "-loglevel", "error", "-i", wav.toString(), flac.toString())
                .inheritIO();
        encoder.environment().put("LD_LIBRARY_PATH", String.valueOf(FFMPEG.getParent()));
        assertThat(encoder.start().waitFor()).isZero();
        return Files.readAllBytes(flac);
    }

    /** Frames of MPEG-1 layer III, 128 kbit/s, 44.1 kHz, two channels, of 1152 samples each: four bytes say so, and zeros stand for silence. */
    private static byte[] silentMp3() {
        int frameBytes = 417;
        byte[] song = new byte[frameBytes * (SECONDS * RATE / 1_152 + 1)];
        byte[] head = {(byte) 0xff, (byte) 0xfb, (byte) 0x90, 0};
        for (int at = 0; at < song.length; at += frameBytes) {
            System.arraycopy(head, 0, song, at, head.length);
        }
        return song;
    }
}
