package io.flowstate.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The least that a program can do with an upload: a loop that copies the body from the socket to a file. It answers one connection after the other. */
final class PlainReceiver {
    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private PlainReceiver() {}

    /** @param arguments the folder for the file, which is removed after each request, as the server does */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]).resolve("plain");
        try (ServerSocket socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> serve(socket, file));
            System.out.println(socket.getLocalPort());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void serve(ServerSocket socket, Path file) {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept();
                    InputStream in = new BufferedInputStream(client.getInputStream(), HttpConnection.BUFFER_BYTES)) {
                long left = Long.parseLong(HttpConnection.header(HttpConnection.readHead(in), "content-length"));
                byte[] buffer = new byte[HttpConnection.BUFFER_BYTES];
                try (OutputStream out = Files.newOutputStream(file)) {
                    while (left > 0) {
                        int got = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                        if (got < 0) {
                            throw new IOException("the body ended early");
                        }
                        out.write(buffer, 0, got);
                        left -= got;
                    }
                }
                Files.delete(file);
                client.getOutputStream().write(ANSWER);
            } catch (IOException left) {
                // The next connection is served; the client sees that this one failed.
            }
        }
    }
}
