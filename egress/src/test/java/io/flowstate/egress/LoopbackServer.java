package io.flowstate.egress;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on 127.0.0.1 that answers with whatever bytes the test gives, so that it can also break the protocol. Notes every request. */
final class LoopbackServer implements AutoCloseable {
    private final ServerSocket listening;
    private final Script script;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** Answers one request on a connection of its own. */
    @FunctionalInterface
    interface Script {
        /** @param request head and body */
        void answer(String request, OutputStream out) throws IOException, InterruptedException;
    }

    LoopbackServer(Script script) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), script);
    }

    LoopbackServer(ServerSocket listening, Script script) {
        this.listening = listening;
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    /** Gives the same bytes every time. */
    static LoopbackServer answering(String answer) throws IOException {
        return new LoopbackServer((_, out) -> out.write(bytes(answer)));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String ok(String headers, String body) {
        return "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s".formatted(headers, body.length(), body);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** The entry that lets {@link Egress} in. */
    String entry() {
        return "127.0.0.1:" + port();
    }

    String address(String path) {
        return "http://127.0.0.1:%d%s".formatted(port(), path);
    }

    List<String> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            String request = read(new BufferedInputStream(socket.getInputStream()));
            if (!request.isEmpty()) {
                requests.add(request);
                script.answer(request, socket.getOutputStream());
                socket.getOutputStream().flush();
                socket.shutdownOutput();
                socket.getInputStream().skip(Long.MAX_VALUE);
            }
        } catch (SocketException theOtherSideLeft) {
            return;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static String read(InputStream in) throws IOException {
        StringBuilder request = new StringBuilder();
        int missing = Integer.MAX_VALUE;
        while (missing > 0) {
            int next = in.read();
            if (next < 0) {
                return request.toString();
            }
            request.append((char) next);
            missing--;
            if (missing > 1 << 30 && request.toString().endsWith("\r\n\r\n")) {
                missing = request.toString()
                        .lines()
                        .filter(line -> line.startsWith("Content-Length: "))
                        .map(line -> Integer.parseInt(line.substring(16)))
                        .findFirst()
                        .orElse(0);
            }
        }
        return request.toString();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
