package io.flowstate.egress;

import static io.flowstate.egress.LoopbackServer.bytes;
import static io.flowstate.egress.LoopbackServer.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void one_within_the_host_is_followed(int status) throws Exception {
        try (LoopbackServer server = new LoopbackServer((request, out) -> out.write(
                        bytes(request.startsWith("GET /old") ? moved(status, "../new/song.wav") : ok("", "abc"))));
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            assertThat(download(egress, server.address("/old/x")).name()).isEqualTo("song.wav");
            assertThat(server.requests().getLast()).startsWith("GET /new/song.wav HTTP/1.1");
        }
    }

    @Test
    void the_sixth_is_not_followed() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(moved(302, "/again"));
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            assertThatThrownBy(() -> download(egress, server.address("/")))
                    .hasMessage("127.0.0.1 redirects more than 5 times.");
            assertThat(server.requests()).hasSize(6);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:1/",
                "http://localhost/",
                "http://169.254.169.254/latest/meta-data/",
                "https://other.example/",
                "//other.example/x",
                "http://user@127.0.0.1/",
                "file:///etc/passwd",
                "gopher://127.0.0.1/",
                "http://[",
                "\\\\other.example\\x"
            })
    void one_to_another_place_is_not_followed(String location) throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(moved(302, location));
                Egress egress = Ways.egress(Ways.config("127.0.0.1", "other.example"))) {
            assertThatThrownBy(() -> download(egress, server.address("/")))
                    .isInstanceOfSatisfying(FlowError.class, refused -> {
                        assertThat(refused.code()).isEqualTo(Code.ADDRESS_NOT_ALLOWED);
                        assertThat(refused).hasMessage("127.0.0.1 redirects to another place.");
                    });
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.example/,      http://a.example/x,       true",
        "http://a.example/,      http://A.example:80/x,    true",
        "http://a.example/,      https://a.example/x,      true",
        "http://a.example:8080/, https://a.example:8080/x, true",
        "http://a.example:8080/, https://a.example/x,      false",
        "http://a.example/,      https://a.example:8443/x, false",
        "http://a.example/,      http://a.example:8080/x,  false",
        "https://a.example/,     http://a.example/x,       false",
        "https://a.example/,     http://a.example:443/x,   false",
        "https://a.example/,     https://b.example/x,      false",
        "https://a.example/,     https://x.a.example/x,    false"
    })
    void the_way_leads_to_the_same_place_or_up_to_https(String from, String to, boolean followed) {
        assertThat(Target.of(URI.create(from)).mayLeadTo(Target.of(URI.create(to))))
                .isEqualTo(followed);
    }

    private Downloaded download(Egress egress, String address) {
        return egress.download(URI.create(address), folder.resolve("file"), 1_000, new Cancellation(), (_, _) -> {});
    }

    private static String moved(int status, String location) {
        return "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n".formatted(status, location);
    }
}
