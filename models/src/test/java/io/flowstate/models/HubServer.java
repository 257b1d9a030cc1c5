package io.flowstate.models;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on loopback that a test scripts per path, and that remembers what it was asked. */
final class HubServer implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** How a path is answered. */
    @FunctionalInterface
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    record Asked(String path, Optional<String> authorization, Optional<String> range, Optional<String> ifRange) {}

    HubServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    List<Asked> asked() {
        return asked;
    }

    HubServer answer(String path, Answer answer) {
        answers.put(path, answer);
        return this;
    }

    static String resolve(String revision, String path) {
        return "/org/repo/resolve/" + revision + "/" + path;
    }

    /** A whole repository, as the hub serves small files: from its own origin, with ranges. */
    HubServer repository(Weights weights) {
        weights.files().forEach((path, content) -> {
            for (String revision : List.of("main", COMMIT)) {
                answer(resolve(revision, path), exchange -> {
                    exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
                    serve(exchange, content, "\"v1\"", content.length);
                });
            }
        });
        return this;
    }

    /**
     * Answers a range if the condition holds, and breaks the connection after some bytes.
     *
     * @param cut how many bytes of the body are sent at most
     */
    static void serve(HttpExchange exchange, byte[] content, String etag, int cut) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("ETag", etag);
        String range = exchange.getRequestHeaders().getFirst("Range");
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        int from = 0;
        int status = 200;
        if (range != null && (condition == null || condition.equals(etag))) {
            from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            status = 206;
            headers.set("Content-Range", "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
        }
        exchange.sendResponseHeaders(status, content.length - from);
        OutputStream body = exchange.getResponseBody();
        body.write(content, from, Math.min(cut, content.length - from));
        body.flush();
        // Closing an exchange whose body is not complete closes the connection.
        exchange.close();
    }

    static void status(HttpExchange exchange, int status, Map<String, String> headers) throws IOException {
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        String path = exchange.getRequestURI().getRawPath();
        asked.add(new Asked(
                path,
                Optional.ofNullable(headers.getFirst("Authorization")),
                Optional.ofNullable(headers.getFirst("Range")),
                Optional.ofNullable(headers.getFirst("If-Range"))));
        Answer answer = answers.get(path);
        if (answer == null) {
            status(exchange, 404, Map.of("X-Error-Message", "Entry not found"));
        } else {
            answer.to(exchange);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
