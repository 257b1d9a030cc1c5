package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stem is sent while it is separated. */
@Timeout(600)
final class StreamingTest {
    private static final int RATE = 44_100;

    /** As noise of 24 bits, more than the sockets between server and client can hold: a run that streams cannot end before somebody reads it. */
    private static final int SECONDS = 60;

    @TempDir
    Path ground;

    private LiveServer server;

    @BeforeEach
    void start() throws IOException {
        server = new RealHouse(ground, TinyDemucs.small()).serve();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"wav", "flac"})
    void its_first_samples_arrive_while_the_engine_runs_and_its_last_make_it_whole(String format) throws Exception {
        byte[] song = TestAudio.wav(TestAudio.noise(2, SECONDS * RATE, 1), RATE);
        Path stem = ground.resolve("stem." + format);

        try (InputStream body = server.streamOfStems("stems=vocals&format=" + format, "song.wav", song)
                .body()) {
            byte[] beginning = body.readNBytes(64 << 10);

            assertThat(server.running()).isOne();

            Files.write(stem, beginning);
            Files.write(stem, body.readAllBytes(), StandardOpenOption.APPEND);
        }
        assertThat(RealHouse.framesOf(stem)).isEqualTo(SECONDS * RATE);
        Await.until("the run has ended", () -> server.running() == 0);
    }

    /** As curl does, which hangs up with the last byte that was announced. */
    @Test
    void a_client_that_leaves_with_the_last_byte_has_not_left_early() throws Exception {
        byte[] song = TestAudio.wav(TestAudio.noise(2, RATE, 1), RATE);
        for (int i = 0; i < 10; i++) {
            try (Socket client = server.caller("stems=vocals", song)) {
                readWhole(client.getInputStream());
            }
        }

        Await.until("all have been counted", () -> server.counted("ok") + server.counted("canceled") == 10);
        assertThat(server.counted("canceled")).isZero();
    }

    private static void readWhole(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        assertThat(length.find()).as(head.toString()).isTrue();
        int announced = Integer.parseInt(length.group(1));
        byte[] body = in.readNBytes(announced);
        assertThat(body).hasSize(announced);
        assertThat(new String(body, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("RIFF");
    }
}
