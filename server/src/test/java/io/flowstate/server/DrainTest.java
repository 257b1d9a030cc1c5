package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.flowstate.core.Cancellation;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class DrainTest {
    @Test
    void what_runs_is_finished_while_new_work_is_refused() {
        try (TestServer server = new TestServer()) {
            Gate gate = new Gate();
            server.local.next(Script.start().openAll().await(gate).write("vocals", bytes("done")));
            CompletableFuture<HttpResponse<String>> running = server.client()
                    .sendAsync(server.audio("?stems=vocals", "RIFF").build(), BodyHandlers.ofString());
            gate.awaitReached();

            Thread stopping = Thread.ofVirtual().start(server.server::drainAndStop);
            TestServer.await("it drains", () -> server.get("/readyz").statusCode() == 503);
            HttpResponse<String> refused = server.stems("?stems=vocals", "RIFF");
            int alive = server.get("/healthz").statusCode();
            gate.open();

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("\"code\":\"shutting_down\"");
            assertThat(refused.headers().firstValue("Retry-After")).contains("5");
            assertThat(alive).isEqualTo(200);
            assertThat(running.join().body()).isEqualTo("done");
            join(stopping);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50})
    void what_is_not_done_in_time_is_canceled(int drainMillis) {
        try (TestServer server = drainsFor(Duration.ofMillis(drainMillis))) {
            Gate never = new Gate();
            server.local.next(Script.start().openAll().await(never));
            CompletableFuture<HttpResponse<String>> running = server.client()
                    .sendAsync(server.audio("?stems=vocals", "RIFF").build(), BodyHandlers.ofString());
            never.awaitReached();

            server.server.drainAndStop();

            assertThat(running.join().statusCode()).isEqualTo(503);
            assertThat(running.join().body()).contains("\"code\":\"shutting_down\"", "stopped before");
        }
    }

    @Test
    void an_upload_that_is_not_done_in_time_is_ended_too() throws IOException {
        try (TestServer server = drainsFor(Duration.ofMillis(50));
                RawClient client = new RawClient(server.port())) {
            client.says("POST /v1/stems HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 1000\n\n")
                    .sends("RIFF");
            TestServer.await("the body is being spooled", () -> !server.spoolIsEmpty());

            server.server.drainAndStop();

            assertThat(client.hearsAll()).startsWith("HTTP/1.1 503").contains("shutting_down");
        }
    }

    @ParameterizedTest
    @CsvSource({"0, what runs is canceled", "2000, what runs may finish within 2.0 s"})
    void the_log_says_what_becomes_of_what_runs(long drainMillis, String says) {
        Logger logger = (Logger) LoggerFactory.getLogger(Server.class);
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        Level before = logger.getLevel();
        heard.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(heard);
        try (TestServer server = drainsFor(Duration.ofMillis(drainMillis))) {
            server.server.drainAndStop();
        } finally {
            logger.detachAppender(heard);
            logger.setLevel(before);
        }

        assertThat(heard.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .filteredOn(message -> message.contains("what runs"))
                .singleElement()
                .asString()
                .contains(says);
    }

    @Test
    void whoever_looks_after_the_node_sees_it_stop_until_all_of_it_has() {
        try (TestServer server = drainsFor(Duration.ofSeconds(5))) {
            Gate jobs = new Gate();
            AtomicInteger lastAnswer = new AtomicInteger();
            Thread stopping = Thread.ofVirtual()
                    .start(() -> server.server.drainAndStop(() -> {
                        jobs.pass(new Cancellation());
                        lastAnswer.set(server.get("/metrics").statusCode());
                    }));
            jobs.awaitReached();
            TestServer.await("it drains", () -> server.get("/readyz").body().contains("\"status\":\"draining\""));

            jobs.open();

            join(stopping);
            assertThat(lastAnswer).hasValue(200);
        }
    }

    @Test
    void after_the_stop_nobody_answers() {
        try (TestServer server = new TestServer()) {
            server.server.drainAndStop();

            assertThatThrownBy(() -> server.get("/healthz")).isInstanceOf(UncheckedIOException.class);
        }
    }

    private static TestServer drainsFor(Duration drain) {
        return new TestServer(Duration.ofSeconds(20), drain, Clock.systemUTC());
    }

    private static void join(Thread thread) {
        try {
            assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
        } catch (InterruptedException stop) {
            throw new AssertionError(stop);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
