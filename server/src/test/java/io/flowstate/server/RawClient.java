package io.flowstate.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that says exactly what the test wants, right or wrong. Latin-1 throughout, so that a char is a byte. */
final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;

    RawClient(int port) throws IOException {
        socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
    }

    /** {@code \n} in the text goes out as CRLF. */
    RawClient says(String text) throws IOException {
        return sends(text.replace("\n", "\r\n"));
    }

    RawClient sends(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** Everything until the server closes. */
    String hearsAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** The head of the next answer, with its blank line. */
    String hearsHead() throws IOException {
        return hearsUntil("\r\n\r\n");
    }

    /** One whole answer that has a Content-Length. */
    String hearsAnswer() throws IOException {
        String head = hearsHead();
        int at = head.toLowerCase(Locale.ROOT).indexOf("content-length:");
        int length = Integer.parseInt(head.substring(at + "content-length:".length(), head.indexOf("\r\n", at))
                .strip());
        return head + new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    String hearsUntil(String end) throws IOException {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        while (!heard.toString(StandardCharsets.ISO_8859_1).endsWith(end)) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("the server closed after: " + heard.toString(StandardCharsets.ISO_8859_1));
            }
            heard.write(next);
        }
        return heard.toString(StandardCharsets.ISO_8859_1);
    }

    /** Sends no more, but still listens. */
    void endsSending() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends the connection in order (FIN). */
    void leaves() throws IOException {
        socket.close();
    }

    /** Ends the connection without order (RST). */
    void resets() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
