package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.FakeProvider;
import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientThatLeavesTest {
    private static final String ONE_STEM = """
            POST /v1/stems?stems=vocals HTTP/1.1
            Host: localhost
            Content-Type: audio/wav
            Content-Length: 4

            RIFF""";
    private static final String HEALTH = "GET /healthz HTTP/1.1\nHost: localhost\n\n";

    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void work_stops_when_the_client_leaves_before_any_answer(boolean reset) throws IOException {
        Gate never = new Gate();
        server.local.next(Script.start().openAll().await(never));
        RawClient client = new RawClient(server.port()).says(ONE_STEM);
        never.awaitReached();

        if (reset) {
            client.resets();
        } else {
            client.leaves();
        }

        TestServer.await("the run was canceled", () -> server.local.running() == 0);
        assertThat(server.local.seen().getFirst().run().cancellation().isCanceled())
                .isTrue();
        TestServer.await("it is counted", () -> server.metrics.scrape().contains("outcome=\"canceled\""));
    }

    @Test
    void work_stops_when_the_client_leaves_between_two_pieces_of_the_answer() throws IOException {
        Gate never = new Gate();
        server.local.next(
                Script.start().openAll().write("vocals", bytes("first")).await(never));
        RawClient client = new RawClient(server.port()).says(ONE_STEM);
        assertThat(client.hearsHead()).startsWith("HTTP/1.1 200");
        never.awaitReached();

        client.leaves();

        TestServer.await("the run was canceled", () -> server.local.running() == 0);
    }

    @Test
    void work_stops_when_the_client_does_not_take_the_answer() throws IOException {
        Script script = Script.start().openAll();
        byte[] piece = new byte[1 << 20];
        for (int i = 0; i < 64; i++) {
            script = script.write("vocals", piece);
        }
        server.local.next(script.await(new Gate()));

        try (RawClient client = new RawClient(server.port()).says(ONE_STEM)) {
            client.hearsHead();

            TestServer.await("the stalled answer was given up", () -> server.local.running() == 0);
        }
        assertThat(server.local.seen().getFirst().run().cancellation().isCanceled())
                .isTrue();
    }

    @Test
    void a_connection_serves_many_requests_one_after_the_other() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            for (int i = 0; i < 20; i++) {
                client.says(ONE_STEM);
                assertThat(client.hearsHead()).startsWith("HTTP/1.1 200");
                assertThat(client.hearsUntil("0\r\n\r\n")).contains(FakeProvider.PLAIN);
                client.says(HEALTH);
                assertThat(client.hearsAnswer()).startsWith("HTTP/1.1 200").contains("ok");
            }
        }
        assertThat(server.local.seen()).hasSize(20);
    }

    @Test
    void a_request_sent_ahead_while_work_runs_is_answered_afterwards() throws IOException {
        Gate gate = new Gate();
        server.local.next(Script.start().openAll().await(gate).write("vocals", bytes("late")));
        try (RawClient client = new RawClient(server.port()).says(ONE_STEM)) {
            gate.awaitReached();
            client.says(HEALTH);
            client.says(HEALTH);
            gate.open();

            assertThat(client.hearsHead()).startsWith("HTTP/1.1 200");
            assertThat(client.hearsUntil("0\r\n\r\n")).contains("late");
            assertThat(client.hearsAnswer()).startsWith("HTTP/1.1 200").contains("ok");
            assertThat(client.hearsAnswer()).startsWith("HTTP/1.1 200").contains("ok");
        }
    }

    @Test
    void requests_sent_together_in_one_packet_are_all_answered() throws IOException {
        try (RawClient client = new RawClient(server.port()).says(ONE_STEM + HEALTH + ONE_STEM + HEALTH)) {
            for (int i = 0; i < 2; i++) {
                assertThat(client.hearsHead()).startsWith("HTTP/1.1 200");
                assertThat(client.hearsUntil("0\r\n\r\n")).contains(FakeProvider.PLAIN);
                assertThat(client.hearsAnswer()).startsWith("HTTP/1.1 200").contains("ok");
            }
        }
    }

    @Test
    void a_client_that_leaves_while_uploading_leaves_nothing_behind() throws IOException {
        RawClient client = new RawClient(server.port())
                .says("POST /v1/stems HTTP/1.1\nHost: localhost\nContent-Type: audio/wav\nContent-Length: 3000000\n\n");
        client.sends("x".repeat(500_000));
        TestServer.await("the body is being spooled", () -> !server.spoolIsEmpty());

        client.resets();

        TestServer.await("the spool is empty", server::spoolIsEmpty);
        assertThat(server.local.seen()).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
