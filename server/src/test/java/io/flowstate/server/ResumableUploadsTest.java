package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.MovableClock;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The protocol tus 1.0.0, request by request. */
class ResumableUploadsTest {
    private final TestStore store = new TestStore(new MovableClock(Instant.parse("2026-11-22T10:00:00Z")));

    @RegisterExtension
    final TestServer server = new TestServer(store);

    private final TusRequests tus = new TusRequests(server);

    @Test
    void what_is_spoken_is_told_without_a_version() {
        HttpResponse<String> answer =
                tus.send(tus.request("/v1/uploads", "OPTIONS", ""), "OPTIONS", "/v1/uploads", 204);

        assertThat(TusRequests.header(answer, "Tus-Version")).isEqualTo("1.0.0");
        assertThat(TusRequests.header(answer, "Tus-Extension"))
                .isEqualTo("creation,creation-with-upload,expiration,checksum,termination");
        assertThat(TusRequests.header(answer, "Tus-Max-Size")).isEqualTo(Long.toString(TestStore.MOST_BYTES));
        assertThat(TusRequests.header(answer, "Tus-Checksum-Algorithm")).isEqualTo("sha1,sha256");
    }

    @Test
    void a_file_comes_in_parts() {
        HttpResponse<String> created = tus.create(6, "filename c29uZy53YXY=,draft");
        String upload = TusRequests.header(created, "Location");
        assertThat(TusRequests.header(created, "Upload-Expires")).isEqualTo("Mon, 23 Nov 2026 10:00:00 GMT");
        assertThat(created.body()).contains("\"offset\":0", "\"expires_at\":\"2026-11-23T10:00:0");

        assertThat(TusRequests.header(tus.append(upload, 0, "a s", 204), "Upload-Offset"))
                .isEqualTo("3");
        HttpResponse<String> head = tus.head(upload, 200);
        assertThat(TusRequests.header(head, "Upload-Offset")).isEqualTo("3");
        assertThat(TusRequests.header(head, "Upload-Length")).isEqualTo("6");
        assertThat(TusRequests.header(head, "Upload-Metadata")).isEqualTo("filename c29uZy53YXY=,draft");
        assertThat(TusRequests.header(head, "Cache-Control")).isEqualTo("no-store");
        tus.append(upload, 3, "ong", 204);

        HttpResponse<String> shown = server.get(upload);
        tus.described.matches("GET", "/v1/uploads/{id}", shown);
        assertThat(shown.body()).contains("\"offset\":6,\"complete\":true");
        assertThat(store.content(TusRequests.id(upload)))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("a song");
    }

    @Test
    void the_music_is_called_what_its_sender_calls_it_unless_the_job_says_otherwise() {
        String upload = TusRequests.header(tus.create(4, "filename c29uZy53YXY="), "Location");
        tus.append(upload, 0, "RIFF", 204);
        String path = "/v1/jobs?task=stems&upload_id=" + TusRequests.id(upload);

        assertThat(server.post(path, "application/json", "{}").body()).contains("\"name\":\"song.wav\"");
        assertThat(server.post(path + "&name=other.wav", "application/json", "{}")
                        .body())
                .contains("\"name\":\"other.wav\"");
    }

    @Test
    void the_first_part_may_come_with_the_creation() {
        HttpResponse<String> created = tus.send(
                tus.start("/v1/uploads", "POST", "a s")
                        .header("Upload-Length", "6")
                        .header("Content-Type", TusRequests.BYTES),
                "POST",
                "/v1/uploads",
                201);

        assertThat(TusRequests.header(created, "Upload-Offset")).isEqualTo("3");
        tus.append(TusRequests.header(created, "Location"), 3, "ong", 204);
    }

    @Test
    void a_first_part_that_is_refused_leaves_no_upload() {
        HttpResponse<String> refused = tus.send(
                tus.start("/v1/uploads", "POST", "a song")
                        .header("Upload-Length", "6")
                        .header("Content-Type", TusRequests.BYTES)
                        .header("Upload-Checksum", TusRequests.sum("sha1", "SHA-1", "another")),
                "POST",
                "/v1/uploads",
                460);

        assertThat(refused.headers().firstValue("Location")).isEmpty();
        assertThat(store.uploads()).isZero();
    }

    @Test
    void an_upload_may_be_larger_than_a_request_of_another_kind() {
        byte[] large = TusRequests.bytes(9 << 20);
        String upload = TusRequests.header(tus.create(large.length, ""), "Location");

        tus.send(
                tus.start(upload, "PATCH", "")
                        .method("PATCH", BodyPublishers.ofByteArray(large))
                        .header("Upload-Offset", "0")
                        .header("Content-Type", TusRequests.BYTES),
                "PATCH",
                "/v1/uploads/{id}",
                204);

        assertThat(store.content(TusRequests.id(upload))).isEqualTo(large);
    }

    @Test
    void what_came_before_the_connection_broke_is_kept_and_what_is_whole_counts_at_once() throws IOException {
        byte[] large = TusRequests.bytes(10 << 20);
        String text = new String(large, StandardCharsets.ISO_8859_1);
        String upload = TusRequests.header(tus.create(large.length, ""), "Location");

        try (RawClient client = new RawClient(server.port())) {
            client.says(TusRequests.patchHead(upload, 0, large.length)).sends(text.substring(0, 9 << 20));
            TestServer.await("a piece is there", () -> tus.offset(upload) == 8 << 20);
            client.leaves();
        }

        TestServer.await("all that came is there", () -> tus.offset(upload) == 9 << 20);
        tus.append(upload, 9 << 20, text.substring(9 << 20), 204);
        assertThat(store.content(TusRequests.id(upload))).isEqualTo(large);
    }

    @Test
    void a_connection_that_hangs_does_not_keep_another_from_going_on() throws IOException {
        String upload = TusRequests.header(tus.create(6, ""), "Location");
        try (RawClient hanging = new RawClient(server.port())) {
            hanging.says(TusRequests.patchHead(upload, 0, 6)).sends("a ");

            tus.append(upload, 0, "a song", 204);

            hanging.sends("s0ng");
            assertThat(hanging.hearsAnswer()).startsWith("HTTP/1.1 409").contains("\"code\":\"conflict\"");
        }
        assertThat(store.content(TusRequests.id(upload)))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("a song");
    }

    @Test
    void a_part_with_the_older_checksum_counts_too() {
        String upload = TusRequests.header(tus.create(6, ""), "Location");

        tus.patchWith(upload, TusRequests.sum("sha1", "SHA-1", "a song"), "a song", 204);
    }

    @Test
    void a_removed_upload_is_not_there_any_more() {
        String upload = TusRequests.header(tus.create(6, ""), "Location");

        tus.delete(upload, 204);

        tus.head(upload, 404);
    }

    @Test
    void a_client_that_can_only_post_names_the_method_that_it_means() {
        String upload = TusRequests.header(tus.create(6, ""), "Location");
        HttpRequest.Builder patch = tus.start(upload, "POST", "a song")
                .header("X-HTTP-Method-Override", "PATCH")
                .header("Content-Type", TusRequests.BYTES)
                .header("Upload-Offset", "0");

        assertThat(TusRequests.header(tus.send(patch, "POST", "/v1/uploads/{id}", 204), "Upload-Offset"))
                .isEqualTo("6");

        tus.send(
                tus.start(upload, "POST", "").header("X-HTTP-Method-Override", "HEAD"),
                "POST",
                "/v1/uploads/{id}",
                200);
        tus.send(
                tus.start(upload, "POST", "").header("X-HTTP-Method-Override", "DELETE"),
                "POST",
                "/v1/uploads/{id}",
                204);
        tus.send(tus.start(upload, "POST", ""), "POST", "/v1/uploads/{id}", 405);
    }

    @Test
    void a_server_that_stops_keeps_what_came() throws IOException {
        String upload = TusRequests.header(tus.create(6, ""), "Location");
        try (RawClient client = new RawClient(server.port())) {
            client.says(TusRequests.patchHead(upload, 0, 6)).sends("a s");
            TestServer.await("the part is being read", () -> store.blobs() == 1);

            server.server.close();

            assertThat(client.hearsAll()).startsWith("HTTP/1.1 503");
        }
        assertThat(store.content(TusRequests.id(upload)))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("a s");
    }
}
