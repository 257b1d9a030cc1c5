package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Random;

/** Requests by the protocol tus 1.0.0. Each answer is held against the API's description. */
final class TusRequests {
    static final String BYTES = "application/offset+octet-stream";

    final Described described;
    private final TestServer server;

    TusRequests(TestServer server) {
        this.server = server;
        this.described = new Described(server.get("/openapi.json").body());
    }

    HttpResponse<String> create(long length, String metadata) {
        HttpRequest.Builder request = start("/v1/uploads", "POST", "").header("Upload-Length", Long.toString(length));
        if (!metadata.isEmpty()) {
            request.header("Upload-Metadata", metadata);
        }
        return send(request, "POST", "/v1/uploads", 201);
    }

    HttpResponse<String> append(String upload, long offset, String part, int status) {
        return send(
                start(upload, "PATCH", part)
                        .header("Upload-Offset", Long.toString(offset))
                        .header("Content-Type", BYTES),
                "PATCH",
                "/v1/uploads/{id}",
                status);
    }

    HttpResponse<String> patchWith(String upload, String checksum, String part, int status) {
        return send(
                start(upload, "PATCH", part)
                        .header("Upload-Offset", "0")
                        .header("Content-Type", BYTES)
                        .header("Upload-Checksum", checksum),
                "PATCH",
                "/v1/uploads/{id}",
                status);
    }

    /** Has no body that could be held against the description. */
    HttpResponse<String> head(String upload, int status) {
        HttpResponse<String> answer = server.send(start(upload, "HEAD", "").build());
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "Tus-Resumable")).isEqualTo("1.0.0");
        assertThat(answer.body()).isEmpty();
        return answer;
    }

    void delete(String upload, int status) {
        send(start(upload, "DELETE", ""), "DELETE", "/v1/uploads/{id}", status);
    }

    long offset(String upload) {
        return Long.parseLong(header(head(upload, 200), "Upload-Offset"));
    }

    HttpResponse<String> send(HttpRequest.Builder request, String method, String pattern, int status) {
        HttpResponse<String> answer = server.send(request.build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(header(answer, "Tus-Resumable")).isEqualTo("1.0.0");
        described.matches(method, pattern, answer);
        return answer;
    }

    HttpRequest.Builder start(String path, String method, String body) {
        return request(path, method, body).header("Tus-Resumable", "1.0.0");
    }

    HttpRequest.Builder request(String path, String method, String body) {
        return HttpRequest.newBuilder(server.uri(path))
                .method(
                        method,
                        body.isEmpty()
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1));
    }

    static String patchHead(String upload, long offset, long length) {
        return "PATCH %s HTTP/1.1\nHost: localhost\nTus-Resumable: 1.0.0\nContent-Type: %s\nUpload-Offset: %d\nContent-Length: %d\n\n"
                .formatted(upload, BYTES, offset, length);
    }

    static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    static String id(String location) {
        return location.substring("/v1/uploads/".length());
    }

    static String sum(String algorithm, String javaName, String text) {
        try {
            byte[] sum = MessageDigest.getInstance(javaName).digest(text.getBytes(StandardCharsets.UTF_8));
            return algorithm + " " + Base64.getEncoder().encodeToString(sum);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(11).nextBytes(bytes);
        return bytes;
    }
}
