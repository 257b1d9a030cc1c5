package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontPageTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @CsvSource({
        "'GET / HTTP/1.1\nHost: localhost:8123\n\n', localhost:8123",
        "'GET / HTTP/1.1\nHost: [::1]:80\n\n', [::1]:80",
        "'GET / HTTP/1.0\n\n', localhost:7070"
    })
    void its_commands_go_to_where_the_page_came_from(String request, String host) throws IOException {
        try (RawClient client = new RawClient(server.port()).says(request)) {
            client.endsSending();

            assertThat(client.hearsAll()).startsWith("HTTP/1.1 200").contains("curl " + host + "/v1/plan ");
        }
    }
}
