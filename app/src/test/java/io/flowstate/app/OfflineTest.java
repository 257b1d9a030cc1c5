package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.TestAudio;
import io.flowstate.testkit.TinyDemucs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the network is used and where not. The hub of these tests only counts who comes. */
final class OfflineTest {
    private static final String ABSENT = "htdemucs is not here, and models.offline forbids to fetch it.";
    private static final String GO_ONLINE =
            "Go online once: FLOWSTATE_MODELS_OFFLINE=false flowstate models pull htdemucs";
    private static final String FROM_THE_HUB = "{hub: org/repo@%s}".formatted("0".repeat(40));

    @TempDir
    Path ground;

    private final AtomicInteger visits = new AtomicInteger();
    private ServerSocket hub;
    private RealHouse house;

    @BeforeEach
    void build() throws IOException {
        hub = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::count);
        house = new RealHouse(ground, TinyDemucs.small())
                .set(Keys.MODELS_HUB_ENDPOINT, "http://127.0.0.1:" + hub.getLocalPort());
        house.file("song.wav", TestAudio.wav(TestAudio.tune(2, 44_100, 44_100, 1), 44_100));
    }

    @AfterEach
    void close() throws IOException {
        hub.close();
    }

    private void count() {
        try {
            while (true) {
                hub.accept().close();
                visits.incrementAndGet();
            }
        } catch (SocketException closed) {
            // The test is over.
        } catch (IOException broken) {
            visits.addAndGet(1000);
        }
    }

    @Test
    void the_second_run_needs_no_network_whether_it_may_use_it_or_not() throws IOException {
        assertThat(house.run("stems", "-q", "song.wav").code()).isZero();
        house.source(FROM_THE_HUB);

        assertThat(house.run("stems", "-q", "song.wav").code()).isZero();
        house.set(Keys.MODELS_OFFLINE, "true");
        assertThat(house.run("stems", "-q", "song.wav").code()).isZero();

        assertThat(visits).hasValue(0);
    }

    @Test
    void the_first_run_asks_the_hub_unless_it_is_offline_and_then_says_what_to_do() throws IOException {
        house.source(FROM_THE_HUB);
        house.set(Keys.MODELS_OFFLINE, "true");

        RealHouse.Ran offline = house.run("stems", "-q", "song.wav");

        assertThat(offline.code()).isEqualTo(Failures.SETUP);
        assertThat(offline.err()).isEqualTo("song.wav: %s%n  %s%n".formatted(ABSENT, GO_ONLINE));
        assertThat(house.run("doctor").out()).contains(ABSENT, GO_ONLINE);
        assertThat(house.run("models", "pull", "htdemucs").err()).contains(ABSENT, GO_ONLINE);
        assertThat(visits).hasValue(0);
        assertThat(house.left()).containsExactly("song.wav");

        house.set(Keys.MODELS_OFFLINE, "false").set(Keys.MODELS_STALL_LIMIT, "1s");
        RealHouse.Ran online = house.run("stems", "-q", "song.wav");

        assertThat(online.code()).isEqualTo(Failures.SETUP);
        assertThat(visits.get()).isPositive();
        assertThat(house.left()).containsExactly("song.wav");
    }

    @Test
    void a_server_that_is_offline_is_not_ready_before_it_has_a_model() throws Exception {
        house.set(Keys.MODELS_OFFLINE, "true").source(FROM_THE_HUB);

        assertNothingIsAvailable("its files are not here");

        house.model(TinyDemucs.small());
        assertThat(house.run("models", "pull", "htdemucs").code()).isZero();
        house.source(FROM_THE_HUB);
        try (LiveServer server = house.serve()) {
            assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_server_whose_engine_may_not_use_enough_memory_is_not_ready() throws Exception {
        house.set(Keys.ENGINE_MEMORY, "100 MiB");

        assertNothingIsAvailable("it needs about 500 MiB of memory and the engine may use 100 MiB");
    }

    private void assertNothingIsAvailable(String why) throws Exception {
        try (LiveServer server = house.serve()) {
            HttpResponse<String> ready = server.get("/readyz");
            HttpResponse<byte[]> refused =
                    server.stems("", "song.wav", Files.readAllBytes(house.here.resolve("song.wav")));

            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains(why);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8))
                    .contains("\"code\":\"unavailable\"", "\"retryable\":false", why);
            assertThat(house.store).doesNotExist();
        }
    }
}
