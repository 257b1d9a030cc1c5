package io.flowstate.egress;

import static io.flowstate.egress.LoopbackServer.bytes;
import static io.flowstate.egress.LoopbackServer.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadTest {
    private static final long LIMIT = 1_000_000;

    private Path file = Path.of("");

    @BeforeEach
    void nameTheFile(@TempDir Path folder) {
        file = folder.resolve("input");
    }

    @Test
    void a_file_arrives_whole_with_its_name_and_type() throws Exception {
        String headers =
                "Content-Type: Audio/FLAC; rate=44100\r\nContent-Disposition: attachment; filename=\"my song.flac\"\r\n";
        String body = "abc".repeat(100_000);
        List<Long> heard = new ArrayList<>();
        try (LoopbackServer server = LoopbackServer.answering(ok(headers, body));
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            Downloaded got = egress.download(
                    URI.create(server.address("/a/b.wav?signature=s3cret")),
                    file,
                    LIMIT,
                    new Cancellation(),
                    (bytes, total) -> {
                        heard.add(bytes);
                        assertThat(total).isEqualTo(OptionalLong.of(300_000));
                    });

            assertThat(got).isEqualTo(new Downloaded(file, 300_000, "my song.flac", Optional.of("audio/flac")));
            assertThat(file).hasContent(body);
            assertThat(heard).isSorted().endsWith(300_000L);
            assertThat(server.requests())
                    .singleElement()
                    .asString()
                    .startsWith("GET /a/b.wav?signature=s3cret HTTP/1.1");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            })
    void a_file_of_unknown_length_arrives_whole(String answer) throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(answer);
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            Downloaded got = egress.download(
                    URI.create(server.address("/a/%C3%BC+1.wav")),
                    file,
                    3,
                    new Cancellation(),
                    (_, total) -> assertThat(total).isEmpty());

            assertThat(got).isEqualTo(new Downloaded(file, 3, "ü+1.wav", Optional.empty()));
        }
    }

    @Test
    void an_announced_size_over_the_limit_is_refused_before_it_is_read() throws Exception {
        FlowError refused = failure("HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n");

        assertThat(refused.code()).isEqualTo(Code.TOO_LARGE);
        assertThat(refused).hasMessage("The file at 127.0.0.1 is over the limit of 1.0 MB.");
    }

    @Test
    void a_file_that_goes_on_past_the_limit_is_cut_off() throws Exception {
        try (LoopbackServer server = new LoopbackServer((_, out) -> {
            out.write(bytes("HTTP/1.1 200 OK\r\n\r\n"));
            while (true) {
                out.write(new byte[10_000]);
            }
        })) {
            assertThat(failure(server).code()).isEqualTo(Code.TOO_LARGE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\npart",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\npart"
            })
    void a_file_that_breaks_off_is_none(String answer) throws Exception {
        FlowError failed = failure(answer);

        assertThat(failed.code()).isEqualTo(Code.ADDRESS_FAILED);
        assertThat(failed).hasMessage("127.0.0.1 broke the connection off, or did not speak HTTP.");
    }

    @Test
    void compression_that_nobody_asked_for_is_refused() throws Exception {
        FlowError failed = failure(ok("Content-Encoding: gzip\r\n", "x"));

        assertThat(failed.code()).isEqualTo(Code.ADDRESS_FAILED);
        assertThat(failed).hasMessageContaining("encoding");
    }

    @ParameterizedTest
    @CsvSource({
        "401, signed link",
        "404, nothing under this address",
        "500, later",
        "206, later",
        "204, later",
        "304, later"
    })
    void anything_but_the_file_is_told_with_what_to_do(int status, String advice) throws Exception {
        FlowError failed = failure(answer(status, ""));

        assertThat(failed.code()).isEqualTo(Code.ADDRESS_FAILED);
        assertThat(failed).hasMessage("127.0.0.1 answers %d.".formatted(status));
        assertThat(failed.advice()).hasValueSatisfying(text -> assertThat(text).contains(advice));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
    void a_refusal_that_may_pass_has_the_time_of_a_new_try(int status) throws Exception {
        assertThat(failure(answer(status, "Retry-After: 7\r\n")).retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(failure(answer(status, "")).retryAfter()).contains(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 206, 304, 400, 401, 403, 404, 410, 451})
    void a_refusal_that_stays_has_none(int status) throws Exception {
        assertThat(failure(answer(status, "Retry-After: 7\r\n")).retryAfter()).isEmpty();
    }

    @Test
    void a_connection_that_breaks_may_hold_the_next_time() throws Exception {
        assertThat(failure("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart").retryAfter())
                .contains(Duration.ofSeconds(1));
    }

    private static String answer(int status, String headers) {
        return "HTTP/1.1 %d Said\r\n%sContent-Length: 0\r\n\r\n".formatted(status, headers);
    }

    @Test
    void a_slow_file_ends_after_the_limit_of_the_whole() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackServer server = new LoopbackServer((_, out) -> {
                    out.write(bytes("HTTP/1.1 200 OK\r\n\r\npart"));
                    out.flush();
                    over.await();
                });
                Egress egress = Ways.egress(new EgressConfig(
                        Set.of(server.entry()),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(60),
                        Duration.ofMillis(300)))) {
            assertThat(failure(egress, server, new Cancellation())).hasMessage("127.0.0.1 was not done within 0 s.");
        } finally {
            over.countDown();
        }
    }

    @Test
    void a_cancellation_stops_it_and_removes_what_came() throws Exception {
        Cancellation cancellation = new Cancellation();
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackServer server = new LoopbackServer((_, out) -> {
                    out.write(bytes("HTTP/1.1 200 OK\r\n\r\npart"));
                    out.flush();
                    cancellation.cancel(FlowError.of(Code.CANCELED, "The caller has left."));
                    over.await();
                });
                Egress egress = Ways.egress(Ways.config(server.entry()))) {
            assertThat(failure(egress, server, cancellation)).hasMessage("The caller has left.");
        } finally {
            over.countDown();
        }
    }

    @Test
    void a_folder_that_is_not_there_is_our_fault_and_not_the_host_s() throws Exception {
        file = file.resolve("missing").resolve("input");

        assertThat(failure(ok("", "abc")).code()).isEqualTo(Code.OUTPUT_NOT_WRITABLE);
    }

    private FlowError failure(String answer) throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(answer)) {
            return failure(server);
        }
    }

    private FlowError failure(LoopbackServer server) throws Exception {
        try (Egress egress = Ways.egress(Ways.config(server.entry()))) {
            return failure(egress, server, new Cancellation());
        }
    }

    private FlowError failure(Egress egress, LoopbackServer server, Cancellation cancellation) {
        FlowError failed = catchThrowableOfType(
                FlowError.class,
                () -> egress.download(
                        URI.create(server.address("/a?signature=s3cret")), file, LIMIT, cancellation, (_, _) -> {}));

        assertThat(failed).as("it came through").isNotNull();
        assertThat(failed.message() + failed.advice()).doesNotContain("s3cret");
        assertThat(file).doesNotExist();
        return failed;
    }
}
