package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrowserGuardTest {
    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST:7070",
                "127.0.0.1:80",
                "[::1]:7070",
                "app.localhost:1",
                "music.example:7070"
            })
    void names_of_loopback_and_configured_ones_are_answered(String host) throws IOException {
        assertThat(answer("GET /healthz HTTP/1.1\nHost: %s\n\n".formatted(host)))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:7070", "10.0.0.1"})
    void other_names_are_not_so_rebinding_a_name_gains_nothing(String host) throws IOException {
        assertThat(answer("GET /v1/models HTTP/1.1\nHost: %s\n\n".formatted(host)))
                .startsWith("HTTP/1.1 403")
                .contains("\"code\":\"forbidden\"", "\"field\":\"Host\"");
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site: cross-site, 403",
        "Sec-Fetch-Site: same-site, 403",
        "Sec-Fetch-Site: same-origin, 200",
        "Sec-Fetch-Site: none, 200",
        "Origin: http://evil.example, 403",
        "Origin: null, 403",
        "Origin: http://localhost:9, 403",
        "Origin: http://localhost, 200",
        "Origin: http://friend.example, 200",
        "Origin: http://other-friend.example, 200",
        "X: y, 200"
    })
    void only_the_servers_own_pages_and_configured_ones_may_post(String header, int status) throws IOException {
        assertThat(answer("POST /v1/plan HTTP/1.1\nHost: localhost\n%s\nContent-Length: 17\n\n{\"task\": \"stems\"}"
                        .formatted(header)))
                .startsWith("HTTP/1.1 " + status);
    }

    @Test
    void only_configured_origins_may_read() throws IOException {
        String get = "GET /healthz HTTP/1.1\nHost: localhost\nOrigin: %s\n\n";

        assertThat(answer(get.formatted("http://friend.example")))
                .contains("Access-Control-Allow-Origin: http://friend.example", "Vary: Origin");
        assertThat(answer(get.formatted("http://evil.example"))).doesNotContain("Access-Control");
    }

    @Test
    void a_configured_origins_preflight_is_answered() throws IOException {
        String preflight =
                "OPTIONS /v1/stems HTTP/1.1\nHost: localhost\nOrigin: %s\nAccess-Control-Request-Method: POST\n\n";

        assertThat(answer(preflight.formatted("http://friend.example")))
                .startsWith("HTTP/1.1 204")
                .contains(
                        "Access-Control-Allow-Methods: GET, HEAD, POST, PATCH, DELETE",
                        "Access-Control-Allow-Headers: ",
                        "Tus-Resumable",
                        "Upload-Offset",
                        "Upload-Checksum");
        assertThat(answer(preflight.formatted("http://evil.example")))
                .startsWith("HTTP/1.1 405")
                .doesNotContain("Access-Control");
    }

    private String answer(String request) throws IOException {
        try (RawClient client = new RawClient(server.port()).says(request)) {
            client.endsSending();
            return client.hearsAll();
        }
    }
}
