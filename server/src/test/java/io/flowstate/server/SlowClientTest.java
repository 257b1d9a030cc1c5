package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.Gate;
import io.flowstate.testkit.MovableClock;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that take their answer more slowly than it is made; none of them may hold up the one that makes it. */
class SlowClientTest {
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final int PIECES = 48;
    private static final int PIECE_BYTES = 1 << 20;
    private static final String ONE_STEM = """
            POST /v1/stems?stems=vocals HTTP/1.1
            Host: localhost
            Content-Type: audio/wav
            Content-Length: 4

            RIFF""";

    private final MovableClock clock = new MovableClock(Instant.EPOCH);

    @RegisterExtension
    final TestServer server = new TestServer(PATIENT, PATIENT, clock);

    @Test
    void the_work_ends_although_nobody_takes_its_result_yet_and_the_result_is_whole() throws IOException {
        server.local.next(much(Script.start().openAll(), "vocals", 0));

        HttpResponse<InputStream> answer =
                server.send(server.audio("?stems=vocals", "RIFF").build(), BodyHandlers.ofInputStream());
        awaitWorkDone();

        assertThat(server.spooledBytes()).isGreaterThan(PIECE_BYTES);
        try (InputStream body = answer.body()) {
            assertIsMuch(body, 0);
            assertThat(body.read()).isEqualTo(-1);
        }
    }

    @Test
    void who_has_caught_up_hears_what_is_made_at_once_again() throws IOException {
        Gate gate = new Gate();
        Gate second = new Gate();
        Script script = much(Script.start().openAll(), "vocals", 0)
                .await(gate)
                .write("vocals", bytes("live"))
                .await(second);
        server.local.next(much(script, "vocals", 7));

        HttpResponse<InputStream> answer =
                server.send(server.audio("?stems=vocals", "RIFF").build(), BodyHandlers.ofInputStream());
        gate.awaitReached();
        try (InputStream body = answer.body()) {
            assertIsMuch(body, 0);
            gate.open();
            assertThat(body.readNBytes(4)).isEqualTo(bytes("live"));
            second.open();
            assertIsMuch(body, 7);
            assertThat(body.read()).isEqualTo(-1);
        }
    }

    @Test
    void a_zip_does_not_hold_the_work_up_either_and_is_whole() throws IOException {
        server.local.next(much(much(Script.start().openAll(), "drums", 1), "vocals", 2));

        HttpResponse<InputStream> answer =
                server.send(server.audio("?stems=drums,vocals", "RIFF").build(), BodyHandlers.ofInputStream());
        awaitWorkDone();

        try (ZipInputStream zip = new ZipInputStream(answer.body())) {
            for (int salt = 1; salt <= 2; salt++) {
                ZipEntry entry = zip.getNextEntry();
                assertThat(entry).isNotNull();
                assertIsMuch(zip, salt);
            }
            assertThat(zip.getNextEntry()).isNull();
        }
    }

    @Test
    void a_client_that_only_trickles_once_the_work_is_done_is_cut_off() throws IOException {
        server.local.next(much(Script.start().openAll(), "vocals", 0));
        try (RawClient client = new RawClient(server.port()).says(ONE_STEM)) {
            client.hearsHead();
            awaitWorkDone();

            TestServer.await("the answer was given up", () -> {
                // Again and again: the work is counted as done a moment before the client's time begins to run.
                clock.move(Duration.ofHours(8));
                return server.spoolIsEmpty();
            });

            assertThat(client.hearsAll()).doesNotEndWith("0\r\n\r\n");
        }
        assertThat(server.local.running()).isZero();
    }

    @Test
    void an_answer_that_waits_to_be_taken_does_not_outlast_a_stop() throws IOException {
        try (TestServer stopping = new TestServer(PATIENT, Duration.ofMillis(50), Clock.systemUTC());
                RawClient client = new RawClient(stopping.port())) {
            stopping.local.next(much(Script.start().openAll(), "vocals", 0));
            client.says(ONE_STEM).hearsHead();
            TestServer.await("the work is done", () -> isDone(stopping));

            stopping.server.drainAndStop();

            assertThat(stopping.spoolIsEmpty()).isTrue();
            assertThat(client.hearsAll()).doesNotEndWith("0\r\n\r\n");
        }
    }

    @Test
    void a_client_that_leaves_with_its_answer_half_taken_leaves_nothing_behind() throws IOException {
        server.local.next(much(Script.start().openAll(), "vocals", 0));
        RawClient client = new RawClient(server.port()).says(ONE_STEM);
        client.hearsHead();
        awaitWorkDone();

        client.resets();

        TestServer.await("the spool is empty", server::spoolIsEmpty);
    }

    private void awaitWorkDone() {
        TestServer.await("the work is done", () -> isDone(server));
    }

    private static boolean isDone(TestServer server) {
        return server.metrics.scrape().contains("flowstate_audio_seconds_total");
    }

    /** Far more than a socket takes by itself. */
    private static Script much(Script script, String output, int salt) {
        Script longer = script;
        for (int i = 0; i < PIECES; i++) {
            longer = longer.write(output, piece(salt + i));
        }
        return longer;
    }

    private static void assertIsMuch(InputStream body, int salt) throws IOException {
        for (int i = 0; i < PIECES; i++) {
            assertThat(Arrays.equals(body.readNBytes(PIECE_BYTES), piece(salt + i)))
                    .as("piece %d", i)
                    .isTrue();
        }
    }

    private static byte[] piece(int number) {
        byte[] piece = new byte[PIECE_BYTES];
        for (int i = 0; i < PIECE_BYTES; i++) {
            piece[i] = (byte) (i * 31 + (i >> 8) * 7 + number);
        }
        return piece;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
