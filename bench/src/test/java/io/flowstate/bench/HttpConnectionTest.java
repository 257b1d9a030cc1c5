package io.flowstate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class HttpConnectionTest {
    @Test
    void the_head_of_an_answer_ends_at_the_empty_line_and_the_body_is_left() throws IOException {
        InputStream in = stream("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");

        String head = HttpConnection.readHead(in);

        assertThat(HttpConnection.header(head, "content-length")).isEqualTo("4");
        assertThat(in.readAllBytes()).isEqualTo("body".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void a_connection_that_closes_in_the_head_is_no_answer() {
        assertThatThrownBy(() -> HttpConnection.readHead(stream("HTTP/1.1 200 OK\r\n")))
                .isInstanceOf(EOFException.class);
    }

    @Test
    void an_answer_without_a_length_is_refused() {
        assertThatThrownBy(() -> HttpConnection.header("HTTP/1.1 200 OK\r\n\r\n", "content-length"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("content-length");
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
