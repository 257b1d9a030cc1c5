package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.MovableClock;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol tus 1.0.0, request by request; each answer is held against the API's description. */
class ResumableUploadsTest {
    private static final String BYTES = "application/offset+octet-stream";

    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-22T10:00:00Z"));
    private final TestStore store = new TestStore(clock);

    @RegisterExtension
    final TestServer server = new TestServer(store);

    private final Described described =
            new Described(server.get("/openapi.json").body());

    @Test
    void what_is_spoken_is_told_without_a_version() {
        HttpResponse<String> answer = send(request("/v1/uploads", "OPTIONS", ""), "OPTIONS", "/v1/uploads", 204);

        assertThat(header(answer, "Tus-Version")).isEqualTo("1.0.0");
        assertThat(header(answer, "Tus-Extension"))
                .isEqualTo("creation,creation-with-upload,expiration,checksum,termination");
        assertThat(header(answer, "Tus-Max-Size")).isEqualTo(Long.toString(TestStore.MOST_BYTES));
        assertThat(header(answer, "Tus-Checksum-Algorithm")).isEqualTo("sha1,sha256");
    }

    @Test
    void a_file_comes_in_parts() {
        HttpResponse<String> created = create(6, "filename c29uZy53YXY=,draft");
        String upload = header(created, "Location");
        assertThat(header(created, "Upload-Expires")).isEqualTo("Mon, 23 Nov 2026 10:00:00 GMT");
        assertThat(created.body()).contains("\"offset\":0", "\"expires_at\":\"2026-11-23T10:00:0");

        assertThat(header(append(upload, 0, "a s", 204), "Upload-Offset")).isEqualTo("3");
        HttpResponse<String> head = head(upload, 200);
        assertThat(header(head, "Upload-Offset")).isEqualTo("3");
        assertThat(header(head, "Upload-Length")).isEqualTo("6");
        assertThat(header(head, "Upload-Metadata")).isEqualTo("filename c29uZy53YXY=,draft");
        assertThat(header(head, "Cache-Control")).isEqualTo("no-store");
        append(upload, 3, "ong", 204);

        HttpResponse<String> shown = server.get(upload);
        described.matches("GET", "/v1/uploads/{id}", shown);
        assertThat(shown.body()).contains("\"offset\":6,\"complete\":true");
        assertThat(store.content(id(upload))).asString(StandardCharsets.UTF_8).isEqualTo("a song");
    }

    @Test
    void the_first_part_may_come_with_the_creation() {
        HttpResponse<String> created = send(
                tus("/v1/uploads", "POST", "a s").header("Upload-Length", "6").header("Content-Type", BYTES),
                "POST",
                "/v1/uploads",
                201);

        assertThat(header(created, "Upload-Offset")).isEqualTo("3");
        append(header(created, "Location"), 3, "ong", 204);
    }

    @Test
    void a_first_part_that_is_refused_leaves_no_upload() {
        HttpResponse<String> refused = send(
                tus("/v1/uploads", "POST", "a song")
                        .header("Upload-Length", "6")
                        .header("Content-Type", BYTES)
                        .header("Upload-Checksum", sum("sha1", "SHA-1", "another")),
                "POST",
                "/v1/uploads",
                460);

        assertThat(refused.headers().firstValue("Location")).isEmpty();
        assertThat(store.uploads()).isZero();
    }

    @Test
    void an_upload_may_be_larger_than_a_request_of_another_kind() {
        byte[] large = bytes(9 << 20);
        String upload = header(create(large.length, ""), "Location");

        send(
                tus(upload, "PATCH", "")
                        .method("PATCH", BodyPublishers.ofByteArray(large))
                        .header("Upload-Offset", "0")
                        .header("Content-Type", BYTES),
                "PATCH",
                "/v1/uploads/{id}",
                204);

        assertThat(store.content(id(upload))).isEqualTo(large);
    }

    @Test
    void what_came_before_the_connection_broke_is_kept_and_what_is_whole_counts_at_once() throws IOException {
        byte[] large = bytes(10 << 20);
        String text = new String(large, StandardCharsets.ISO_8859_1);
        String upload = header(create(large.length, ""), "Location");

        try (RawClient client = new RawClient(server.port())) {
            client.says(patchHead(upload, 0, large.length)).sends(text.substring(0, 9 << 20));
            TestServer.await("a piece is there", () -> offset(upload) == 8 << 20);
            client.leaves();
        }

        TestServer.await("all that came is there", () -> offset(upload) == 9 << 20);
        append(upload, 9 << 20, text.substring(9 << 20), 204);
        assertThat(store.content(id(upload))).isEqualTo(large);
    }

    @Test
    void a_connection_that_hangs_does_not_keep_another_from_going_on() throws IOException {
        String upload = header(create(6, ""), "Location");
        try (RawClient hanging = new RawClient(server.port())) {
            hanging.says(patchHead(upload, 0, 6)).sends("a ");

            append(upload, 0, "a song", 204);

            hanging.sends("s0ng");
            assertThat(hanging.hearsAnswer()).startsWith("HTTP/1.1 409").contains("\"code\":\"conflict\"");
        }
        assertThat(store.content(id(upload))).asString(StandardCharsets.UTF_8).isEqualTo("a song");
    }

    @Test
    void a_part_for_another_place_is_refused() {
        String upload = header(create(6, ""), "Location");

        assertThat(append(upload, 3, "ong", 409).body()).contains("\"field\":\"Upload-Offset\"", "byte 0 of 6");
    }

    @Test
    void more_than_the_upload_lacks_is_refused_before_it_is_read() {
        String upload = header(create(3, ""), "Location");

        append(upload, 0, "a song", 413);
        assertThat(offset(upload)).isZero();
    }

    @Test
    void a_part_with_a_checksum_counts_only_if_it_is_right() {
        String upload = header(create(6, ""), "Location");

        assertThat(patchWith(upload, sum("sha256", "SHA-256", "b song"), "a song", 460)
                        .body())
                .contains("\"code\":\"checksum_mismatch\"");
        assertThat(offset(upload)).isZero();
        patchWith(upload, sum("sha256", "SHA-256", "a song"), "a song", 204);
        assertThat(offset(upload)).isEqualTo(6);
    }

    @Test
    void a_part_with_the_older_checksum_counts_too() {
        String upload = header(create(6, ""), "Location");

        patchWith(upload, sum("sha1", "SHA-1", "a song"), "a song", 204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5 XUFAKrxLKna5cZ2REBfFkg==", "sha1", "sha1 AAAA", "sha1 ?", ""})
    void a_checksum_that_is_none_is_refused(String checksum) {
        String upload = header(create(6, ""), "Location");

        assertThat(patchWith(upload, checksum, "a song", 400).body()).contains("\"field\":\"Upload-Checksum\"");
    }

    @Test
    void unknown_uploads_are_not_found() {
        append("/v1/uploads/upl_0", 0, "x", 404);
        head("/v1/uploads/upl_0", 404);
        delete("/v1/uploads/upl_0", 404);
    }

    @Test
    void an_expired_upload_is_said_to_be_so() {
        String upload = header(create(6, ""), "Location");
        clock.move(TestStore.KEEP.minus(Duration.ofMinutes(1)));
        append(upload, 0, "a", 204);
        clock.move(TestStore.KEEP.minus(Duration.ofMinutes(1)));
        head(upload, 200);

        clock.move(Duration.ofMinutes(2));

        head(upload, 410);
        append(upload, 1, " song", 410);
        delete(upload, 410);
        described.matches("GET", "/v1/uploads/{id}", server.get(upload));
    }

    @Test
    void a_removed_upload_is_not_there_any_more() {
        String upload = header(create(6, ""), "Location");

        delete(upload, 204);

        head(upload, 404);
    }

    @Test
    void another_version_is_refused_and_so_is_none() {
        HttpResponse<String> other = send(
                request("/v1/uploads", "POST", "")
                        .header("Tus-Resumable", "0.2.2")
                        .header("Upload-Length", "1"),
                "POST",
                "/v1/uploads",
                412);
        assertThat(header(other, "Tus-Version")).isEqualTo("1.0.0");
        assertThat(other.body()).contains("\"code\":\"unsupported_version\"");

        send(request("/v1/uploads", "POST", "").header("Upload-Length", "1"), "POST", "/v1/uploads", 412);
        assertThat(server.send(request("/v1/uploads/upl_0", "HEAD", "").build()).statusCode())
                .isEqualTo(412);
    }

    @Test
    void bytes_of_another_type_are_refused() {
        String upload = header(create(6, ""), "Location");

        send(tus(upload, "PATCH", "a").header("Upload-Offset", "0"), "PATCH", "/v1/uploads/{id}", 415);
        send(
                tus("/v1/uploads", "POST", "a").header("Upload-Length", "1").header("Content-Type", "audio/wav"),
                "POST",
                "/v1/uploads",
                415);
    }

    @ParameterizedTest
    @CsvSource({"Upload-Length, -1", "Upload-Length, x", "Upload-Metadata, a b c", "Upload-Metadata, a ?", "X-None, 1"})
    void a_creation_with_a_wrong_header_is_refused(String name, String value) {
        HttpRequest.Builder request = tus("/v1/uploads", "POST", "").header(name, value);
        if (name.equals("Upload-Metadata")) {
            request.header("Upload-Length", "1");
        }

        send(request, "POST", "/v1/uploads", 400);
    }

    @Test
    void what_is_too_large_is_refused_at_once() {
        HttpRequest.Builder request =
                tus("/v1/uploads", "POST", "").header("Upload-Length", Long.toString(TestStore.MOST_BYTES + 1));

        send(request, "POST", "/v1/uploads", 413);
    }

    @Test
    void a_client_that_can_only_post_names_the_method_that_it_means() {
        String upload = header(create(6, ""), "Location");
        HttpRequest.Builder patch = tus(upload, "POST", "a song")
                .header("X-HTTP-Method-Override", "PATCH")
                .header("Content-Type", BYTES)
                .header("Upload-Offset", "0");

        assertThat(header(send(patch, "POST", "/v1/uploads/{id}", 204), "Upload-Offset"))
                .isEqualTo("6");

        send(tus(upload, "POST", "").header("X-HTTP-Method-Override", "HEAD"), "POST", "/v1/uploads/{id}", 200);
        send(tus(upload, "POST", "").header("X-HTTP-Method-Override", "DELETE"), "POST", "/v1/uploads/{id}", 204);
        send(tus(upload, "POST", ""), "POST", "/v1/uploads/{id}", 405);
    }

    @Test
    void a_server_that_stops_keeps_what_came() throws IOException {
        String upload = header(create(6, ""), "Location");
        try (RawClient client = new RawClient(server.port())) {
            client.says(patchHead(upload, 0, 6)).sends("a s");
            TestServer.await("the part is being read", () -> store.blobs() == 1);

            server.server.close();

            assertThat(client.hearsAll()).startsWith("HTTP/1.1 503");
        }
        assertThat(store.content(id(upload))).asString(StandardCharsets.UTF_8).isEqualTo("a s");
    }

    private HttpResponse<String> create(long length, String metadata) {
        HttpRequest.Builder request = tus("/v1/uploads", "POST", "").header("Upload-Length", Long.toString(length));
        if (!metadata.isEmpty()) {
            request.header("Upload-Metadata", metadata);
        }
        return send(request, "POST", "/v1/uploads", 201);
    }

    private HttpResponse<String> append(String upload, long offset, String part, int status) {
        return send(
                tus(upload, "PATCH", part)
                        .header("Upload-Offset", Long.toString(offset))
                        .header("Content-Type", BYTES),
                "PATCH",
                "/v1/uploads/{id}",
                status);
    }

    private HttpResponse<String> patchWith(String upload, String checksum, String part, int status) {
        return send(
                tus(upload, "PATCH", part)
                        .header("Upload-Offset", "0")
                        .header("Content-Type", BYTES)
                        .header("Upload-Checksum", checksum),
                "PATCH",
                "/v1/uploads/{id}",
                status);
    }

    /** Has no body that could be held against the description. */
    private HttpResponse<String> head(String upload, int status) {
        HttpResponse<String> answer = server.send(tus(upload, "HEAD", "").build());
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "Tus-Resumable")).isEqualTo("1.0.0");
        assertThat(answer.body()).isEmpty();
        return answer;
    }

    private void delete(String upload, int status) {
        send(tus(upload, "DELETE", ""), "DELETE", "/v1/uploads/{id}", status);
    }

    private long offset(String upload) {
        return Long.parseLong(header(head(upload, 200), "Upload-Offset"));
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String method, String pattern, int status) {
        HttpResponse<String> answer = server.send(request.build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(header(answer, "Tus-Resumable")).isEqualTo("1.0.0");
        described.matches(method, pattern, answer);
        return answer;
    }

    private HttpRequest.Builder tus(String path, String method, String body) {
        return request(path, method, body).header("Tus-Resumable", "1.0.0");
    }

    private HttpRequest.Builder request(String path, String method, String body) {
        return HttpRequest.newBuilder(server.uri(path))
                .method(
                        method,
                        body.isEmpty()
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1));
    }

    private static String patchHead(String upload, long offset, long length) {
        return "PATCH %s HTTP/1.1\nHost: localhost\nTus-Resumable: 1.0.0\nContent-Type: %s\nUpload-Offset: %d\nContent-Length: %d\n\n"
                .formatted(upload, BYTES, offset, length);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static String id(String location) {
        return location.substring("/v1/uploads/".length());
    }

    private static String sum(String algorithm, String javaName, String text) {
        try {
            byte[] sum = MessageDigest.getInstance(javaName).digest(text.getBytes(StandardCharsets.UTF_8));
            return algorithm + " " + Base64.getEncoder().encodeToString(sum);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(11).nextBytes(bytes);
        return bytes;
    }
}
