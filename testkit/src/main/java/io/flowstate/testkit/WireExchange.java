package io.flowstate.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP request and its answer on their way through a {@link FaultyWire}. The server is asked to close the connection after its answer, so that an answer is whatever comes until
 * then; all other bytes pass unchanged, for the client has signed them. Used by one thread, and by a second that passes the request's body on while the first waits for the answer.
 */
final class WireExchange {
    private static final Logger log = LoggerFactory.getLogger(WireExchange.class);
    private static final Pattern CONNECTION = Pattern.compile("(?im)^connection:.*\\r\\n");
    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)");
    private static final int COPY_BYTES = 1 << 13;

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket client;
    private final Socket server;
    private final String head;
    private @Nullable Thread request;

    WireExchange(Socket client, Socket server) throws IOException {
        this.client = client;
        this.server = server;
        this.head = head(client.getInputStream());
    }

    /** Whether a request came at all before the client left. */
    boolean isOne() {
        return !head.isEmpty();
    }

    String firstLine() {
        return head.substring(0, head.indexOf('\r'));
    }

    /** Begins to pass the request on; whatever of it has not passed when the exchange ends never will. */
    void passRequest() throws IOException {
        sendHead();
        passBody();
    }

    /** As {@link #passRequest()}, with one bit of the body changed. */
    void passRequestWithFlippedBit() throws IOException {
        sendHead();
        client.getOutputStream().write(CONTINUE);
        server.getOutputStream().write(client.getInputStream().read() ^ 1);
        passBody();
    }

    private void passBody() {
        request = Thread.ofVirtual().start(() -> {
            try {
                copy(client.getInputStream(), server.getOutputStream(), Long.MAX_VALUE);
            } catch (IOException over) {
                log.debug("the exchange is over", over);
            }
        });
    }

    /** Passes the request's head and so much of its body on, or all of it if there is less. */
    void passRequest(long bodyBytes) throws IOException {
        sendHead();
        client.getOutputStream().write(CONTINUE);
        Matcher length = LENGTH.matcher(head);
        copy(
                client.getInputStream(),
                server.getOutputStream(),
                length.find() ? Math.min(bodyBytes, Long.parseLong(length.group(1))) : 0);
    }

    /** Passes so much of the answer's body on, after a head that calls this its length. */
    void passShortAnswer(long bodyBytes) throws IOException {
        String answer = head(server.getInputStream());
        client.getOutputStream()
                .write(LENGTH.matcher(answer)
                        .replaceFirst("Content-Length: " + bodyBytes)
                        .getBytes(StandardCharsets.ISO_8859_1));
        copy(server.getInputStream(), client.getOutputStream(), bodyBytes);
    }

    /** Passes the answer's head and so much of its body on. */
    void passAnswer(long bodyBytes) throws IOException {
        String answer;
        do {
            answer = head(server.getInputStream());
            client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        } while (answer.startsWith("HTTP/1.1 1"));
        copy(server.getInputStream(), client.getOutputStream(), bodyBytes);
    }

    /** Waits for the answer's end and passes nothing of it on but the leave to send the body. */
    void swallowAnswer() throws IOException {
        client.getOutputStream().write(CONTINUE);
        copy(server.getInputStream(), OutputStream.nullOutputStream(), Long.MAX_VALUE);
    }

    /** Answers in the server's place, with an error as S3 tells it. */
    void answer(int status, String code) throws IOException {
        String body = "<Error><Code>%s</Code><Message>as planned</Message></Error>".formatted(code);
        String answer =
                "HTTP/1.1 %d Planned\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(status, body.length(), body);
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        awaitClientLeaving();
    }

    void awaitClientLeaving() throws IOException {
        Thread passing = request;
        if (passing == null) {
            client.getInputStream().transferTo(OutputStream.nullOutputStream());
            return;
        }
        try {
            passing.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void sendHead() throws IOException {
        String last = CONNECTION.matcher(head).replaceAll("");
        String closing = last.substring(0, last.length() - 2) + "Connection: close\r\n\r\n";
        server.getOutputStream().write(closing.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A message's first line and fields, with the empty line after them; empty if the other side has left. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ended = 0;
        while (ended < 4) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.write(next);
            ended = next == "\r\n\r\n".charAt(ended) ? ended + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static void copy(InputStream from, OutputStream to, long atMost) throws IOException {
        byte[] bytes = new byte[COPY_BYTES];
        long left = atMost;
        while (left > 0) {
            int got = from.read(bytes, 0, (int) Math.min(bytes.length, left));
            if (got < 0) {
                return;
            }
            to.write(bytes, 0, got);
            left -= got;
        }
    }
}
