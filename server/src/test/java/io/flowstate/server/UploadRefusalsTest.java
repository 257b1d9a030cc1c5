package io.flowstate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.MovableClock;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What uploads are refused for, and how that is said. */
class UploadRefusalsTest {
    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-22T10:00:00Z"));
    private final TestStore store = new TestStore(clock);

    @RegisterExtension
    final TestServer server = new TestServer(store);

    private final TusRequests tus = new TusRequests(server);

    @Test
    void a_part_for_another_place_is_refused() {
        String upload = TusRequests.header(tus.create(6, ""), "Location");

        assertThat(tus.append(upload, 3, "ong", 409).body()).contains("\"field\":\"Upload-Offset\"", "byte 0 of 6");
    }

    @Test
    void more_than_the_upload_lacks_is_refused_before_it_is_read() {
        String upload = TusRequests.header(tus.create(3, ""), "Location");

        tus.append(upload, 0, "a song", 413);
        assertThat(tus.offset(upload)).isZero();
    }

    @Test
    void a_part_with_a_checksum_counts_only_if_it_is_right() {
        String upload = TusRequests.header(tus.create(6, ""), "Location");

        assertThat(tus.patchWith(upload, TusRequests.sum("sha256", "SHA-256", "b song"), "a song", 460)
                        .body())
                .contains("\"code\":\"checksum_mismatch\"");
        assertThat(tus.offset(upload)).isZero();
        tus.patchWith(upload, TusRequests.sum("sha256", "SHA-256", "a song"), "a song", 204);
        assertThat(tus.offset(upload)).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5 XUFAKrxLKna5cZ2REBfFkg==", "sha1", "sha1 AAAA", "sha1 ?", ""})
    void a_checksum_that_is_none_is_refused(String checksum) {
        String upload = TusRequests.header(tus.create(6, ""), "Location");

        assertThat(tus.patchWith(upload, checksum, "a song", 400).body()).contains("\"field\":\"Upload-Checksum\"");
    }

    @Test
    void unknown_uploads_are_not_found() {
        tus.append("/v1/uploads/upl_0", 0, "x", 404);
        tus.head("/v1/uploads/upl_0", 404);
        tus.delete("/v1/uploads/upl_0", 404);
    }

    @Test
    void an_expired_upload_is_said_to_be_so() {
        String upload = TusRequests.header(tus.create(6, ""), "Location");
        clock.move(TestStore.KEEP.minus(Duration.ofMinutes(1)));
        tus.append(upload, 0, "a", 204);
        clock.move(TestStore.KEEP.minus(Duration.ofMinutes(1)));
        tus.head(upload, 200);

        clock.move(Duration.ofMinutes(2));

        tus.head(upload, 410);
        tus.append(upload, 1, " song", 410);
        tus.delete(upload, 410);
        tus.described.matches("GET", "/v1/uploads/{id}", server.get(upload));
    }

    @Test
    void another_version_is_refused_and_so_is_none() {
        HttpResponse<String> other = tus.send(
                tus.request("/v1/uploads", "POST", "")
                        .header("Tus-Resumable", "0.2.2")
                        .header("Upload-Length", "1"),
                "POST",
                "/v1/uploads",
                412);
        assertThat(TusRequests.header(other, "Tus-Version")).isEqualTo("1.0.0");
        assertThat(other.body()).contains("\"code\":\"unsupported_version\"");

        tus.send(tus.request("/v1/uploads", "POST", "").header("Upload-Length", "1"), "POST", "/v1/uploads", 412);
        assertThat(server.send(tus.request("/v1/uploads/upl_0", "HEAD", "").build())
                        .statusCode())
                .isEqualTo(412);
    }

    @Test
    void bytes_of_another_type_are_refused() {
        String upload = TusRequests.header(tus.create(6, ""), "Location");

        tus.send(tus.start(upload, "PATCH", "a").header("Upload-Offset", "0"), "PATCH", "/v1/uploads/{id}", 415);
        tus.send(
                tus.start("/v1/uploads", "POST", "a")
                        .header("Upload-Length", "1")
                        .header("Content-Type", "audio/wav"),
                "POST",
                "/v1/uploads",
                415);
    }

    @ParameterizedTest
    @CsvSource({"Upload-Length, -1", "Upload-Length, x", "Upload-Metadata, a b c", "Upload-Metadata, a ?", "X-None, 1"})
    void a_creation_with_a_wrong_header_is_refused(String name, String value) {
        HttpRequest.Builder request = tus.start("/v1/uploads", "POST", "").header(name, value);
        if (name.equals("Upload-Metadata")) {
            request.header("Upload-Length", "1");
        }

        tus.send(request, "POST", "/v1/uploads", 400);
    }

    @Test
    void what_is_too_large_is_refused_at_once() {
        HttpRequest.Builder request =
                tus.start("/v1/uploads", "POST", "").header("Upload-Length", Long.toString(TestStore.MOST_BYTES + 1));

        tus.send(request, "POST", "/v1/uploads", 413);
    }
}
