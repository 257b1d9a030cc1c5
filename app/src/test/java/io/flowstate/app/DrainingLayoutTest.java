package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Await;
import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged server when it is told to stop: Java ends its parts side by side, the native runtime among them. */
@Timeout(300)
final class DrainingLayoutTest {
    private static final int RATE = 44_100;

    @TempDir
    Path ground;

    @Test
    void a_request_that_was_accepted_before_the_signal_is_answered_whole_although_its_model_is_loaded_after_it()
            throws Exception {
        RealHouse house = new RealHouse(ground, TinyDemucs.small());
        byte[] song = TestAudio.wav(TestAudio.tune(2, RATE, 3 * RATE, 1), RATE);
        int half = song.length / 2;
        try (Program program = house.start("serve");
                LiveServer server = LiveServer.of(program);
                Socket client = server.caller("stems=vocals", song.length)) {
            OutputStream out = client.getOutputStream();
            out.write(song, 0, half);
            out.flush();
            Await.until(
                    "the upload has begun",
                    () -> !RealHouse.filesBelow(house.spool).isEmpty());

            program.signal("TERM");
            Await.until("the server drains", () -> server.get("/readyz").statusCode() == 503);
            out.write(song, half, song.length - half);
            out.flush();
            byte[] answer = client.getInputStream().readAllBytes();

            assertThat(new String(answer, StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 200")
                    .contains("RIFF");
            assertThat(answer.length).isGreaterThan(song.length);
            assertThat(program.awaitExit()).isEqualTo(143);
        }
    }
}
