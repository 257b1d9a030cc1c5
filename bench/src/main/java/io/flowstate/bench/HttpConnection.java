package io.flowstate.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * One kept-alive connection that sends a body and reads the answer, on the calling thread and with nothing between it and the socket: a full HTTP client would cost
 * about as much as the server that is measured.
 */
final class HttpConnection implements AutoCloseable {
    static final int BUFFER_BYTES = 64 << 10;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    HttpConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        out = socket.getOutputStream();
    }

    /** Sends a request whose head and body are one write, and reads its answer. */
    void exchange(byte[] request) throws IOException {
        out.write(request);
        readAnswer();
    }

    /** Sends a request whose body is {@code before}, a file, and {@code after}. */
    void upload(String mediaType, byte[] before, Path file, byte[] after) throws IOException {
        long length = before.length + Files.size(file) + after.length;
        out.write(head(mediaType, length));
        out.write(before);
        try (InputStream body = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int got = body.read(buffer); got >= 0; got = body.read(buffer)) {
                out.write(buffer, 0, got);
            }
        }
        out.write(after);
        readAnswer();
    }

    static byte[] head(String mediaType, long length) {
        return head("/v1/stems?stems=vocals", mediaType, length);
    }

    static byte[] head(String path, String mediaType, long length) {
        return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                .formatted(path, mediaType, length)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends a request without a body, or one with its head and body in one, and gives the body of its answer. */
    String ask(byte[] request) throws IOException {
        out.write(request);
        return new String(in.readNBytes(readAnswerHead()), StandardCharsets.UTF_8);
    }

    String get(String path) throws IOException {
        return ask(request("GET", path));
    }

    String post(String path) throws IOException {
        return ask(request("POST", path));
    }

    /** What follows on the connection after a request whose answer has no end. */
    InputStream stream(String path) throws IOException {
        out.write(request("GET", path));
        return in;
    }

    private static byte[] request(String method, String path) {
        return "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                .formatted(method, path)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void readAnswer() throws IOException {
        in.skipNBytes(readAnswerHead());
    }

    /** Gives the length of the body. */
    private int readAnswerHead() throws IOException {
        String head = readHead(in);
        if (!head.startsWith("HTTP/1.1 20")) {
            throw new IOException("not an answer of success: " + head);
        }
        return Integer.parseInt(header(head, "content-length"));
    }

    /** Everything up to the empty line. */
    static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection was closed after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    static String header(String head, String name) throws IOException {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow(() -> new IOException("no %s in: %s".formatted(name, head)));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
