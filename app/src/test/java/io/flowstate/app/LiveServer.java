package io.flowstate.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that listens, in this process or in another, and a client that talks to it as curl does. */
final class LiveServer implements AutoCloseable {
    private static final String BOUNDARY = "a-boundary";

    private final URI address;
    private final Runnable stop;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** @param stop ends the server */
    LiveServer(String address, Runnable stop) {
        this.address = URI.create(address);
        this.stop = stop;
    }

    /** The one that a packaged {@code serve} announces on its standard output. */
    static LiveServer of(Program serve) throws IOException {
        String line = serve.line();
        int at = line.indexOf("http://");
        if (at < 0) {
            throw new AssertionError("the server did not start: " + line + serve.complained());
        }
        return new LiveServer(line.substring(at), () -> {});
    }

    /** Sends a file in a form and takes the whole answer. */
    HttpResponse<byte[]> stems(String query, String fileName, byte[] content) throws Exception {
        return client.send(request(query, fileName, content), BodyHandlers.ofByteArray());
    }

    /** Sends a file in a form; the answer is read as it comes. */
    HttpResponse<InputStream> streamOfStems(String query, String fileName, byte[] content) throws Exception {
        return client.send(request(query, fileName, content), BodyHandlers.ofInputStream());
    }

    /** Asks for what needs no body. */
    HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.ofString());
    }

    /** The answer as it is, whatever it is. */
    byte[] bytes(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.ofByteArray())
                .body();
    }

    /** Hands a song in as a job; gives its id. */
    String submit(String query, byte[] song) throws Exception {
        HttpResponse<String> accepted = client.send(
                HttpRequest.newBuilder(address.resolve("/v1/jobs?task=stems&" + query))
                        .header("Content-Type", "audio/wav")
                        .POST(BodyPublishers.ofByteArray(song))
                        .build(),
                BodyHandlers.ofString());
        if (accepted.statusCode() != 202) {
            throw new AssertionError(accepted.body());
        }
        String location = accepted.headers().firstValue("Location").orElseThrow();
        return location.substring(location.lastIndexOf('/') + 1);
    }

    String port() {
        return Integer.toString(address.getPort());
    }

    /** A connection of its own that has sent a song and is about to hear of it. */
    Socket caller(String query, byte[] song) throws IOException {
        Socket socket = caller(query, song.length);
        socket.getOutputStream().write(song);
        return socket;
    }

    /** One that has announced a song and has yet to send it. */
    Socket caller(String query, int bytes) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort());
        String head =
                "POST /v1/stems?%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: audio/wav\r\nContent-Length: %d\r\n\r\n"
                        .formatted(query, bytes);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** How many runs the engine has under way, as the server publishes it. */
    int running() throws Exception {
        return gauge("running");
    }

    /** How many runs wait. */
    int queued() throws Exception {
        return gauge("queued");
    }

    /** How many separations had this outcome. */
    int counted(String outcome) throws Exception {
        Matcher value = Pattern.compile("flowstate_request_duration_seconds_count\\{[^}]*outcome=\"%s\"[^}]*\\} (\\d+)"
                        .formatted(outcome))
                .matcher(metrics());
        return value.find() ? Integer.parseInt(value.group(1)) : 0;
    }

    private String metrics() throws Exception {
        return get("/metrics").body();
    }

    private int gauge(String name) throws Exception {
        String metrics = metrics();
        Matcher value = Pattern.compile("flowstate_deployment_" + name + "\\{deployment=\"local/htdemucs\"\\} (\\d+)")
                .matcher(metrics);
        if (!value.find()) {
            throw new AssertionError("no gauge " + name + " in: " + metrics);
        }
        return Integer.parseInt(value.group(1));
    }

    private HttpRequest request(String query, String fileName, byte[] content) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes("--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                .formatted(BOUNDARY, fileName)
                .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(content);
        form.writeBytes("\r\n--%s--\r\n".formatted(BOUNDARY).getBytes(StandardCharsets.UTF_8));
        return HttpRequest.newBuilder(address.resolve("/v1/stems?" + query))
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(form.toByteArray()))
                .build();
    }

    @Override
    public void close() {
        client.close();
        stop.run();
    }
}
