package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flowstate.core.AudioFormat;
import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.core.Sha256;
import io.flowstate.core.spi.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Fetching from a server that breaks off and changes its mind; every answer is written down here. */
final class JobDownloadTest {
    private static final String WHOLE = "the whole of a stem";

    @TempDir
    Path folder;

    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private JobsClient client;

    /**
     * How one request for an output is answered.
     *
     * @param announced how long the body is said to be; it breaks off before, if it is shorter
     */
    private record Answer(int status, String body, int announced) {
        static Answer whole(int status, String body) {
            return new Answer(status, body, body.length());
        }
    }

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(task -> Thread.ofVirtual().start(task));
        server.createContext("/v1/jobs/job_1/outputs/vocals", this::answer);
        server.start();
        client = new JobsClient(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void what_breaks_off_goes_on_where_it_was() throws IOException {
        answers.add(new Answer(200, WHOLE.substring(0, 7), WHOLE.length()));
        answers.add(Answer.whole(206, WHOLE.substring(7)));

        assertThat(fetched(WHOLE)).hasContent(WHOLE);

        assertThat(ranges).containsExactly("", "bytes=7-");
    }

    @Test
    void a_server_that_gives_no_parts_yet_gives_all_of_it_again() throws IOException {
        answers.add(new Answer(200, WHOLE.substring(0, 7), WHOLE.length()));
        answers.add(Answer.whole(200, WHOLE));

        assertThat(fetched(WHOLE)).hasContent(WHOLE);
    }

    @Test
    void what_does_not_have_its_sum_is_thrown_away_and_fetched_once_more() throws IOException {
        answers.add(Answer.whole(200, "of an attempt befor"));
        answers.add(Answer.whole(200, WHOLE));

        assertThat(fetched(WHOLE)).hasContent(WHOLE);

        assertThat(ranges).containsExactly("", "");
    }

    @Test
    void an_output_that_is_no_longer_kept_is_told_at_once() {
        answers.add(
                Answer.whole(
                        410,
                        "{\"error\":{\"code\":\"expired\",\"kind\":\"caller\",\"message\":\"No longer kept.\",\"advice\":\"Submit again.\"}}"));

        assertThatThrownBy(() -> fetched(WHOLE)).isInstanceOfSatisfying(FlowError.class, error -> {
            assertThat(error.message()).isEqualTo("No longer kept.");
            assertThat(error.advice()).contains("Submit again.");
        });
        assertThat(folder).isEmptyDirectory();
    }

    private Path fetched(String expected) {
        RemoteJob job = new RemoteJob(new JsonMapper().readTree("""
                {"id": "job_1", "status": "succeeded",
                 "outputs": [{"name": "vocals", "bytes": %d, "complete": true, "sha256": "%s"}]}
                """.formatted(expected.length(), sum(expected))));
        Cancellation never = new Cancellation();
        try (TrackOutputs outputs = new TrackOutputs(description -> folder.resolve(description.name()));
                JobDownload download = new JobDownload(client, "job_1", outputs, AudioFormat.DEFAULT, never)) {
            download.finish(download.follow(job, Progress.Listener.NONE), Progress.Listener.NONE);
            return outputs.publish().getFirst().file();
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            ranges.add(Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))
                    .orElse(""));
            // The last answer stands: what is gone is gone for whoever asks again.
            Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
            exchange.sendResponseHeaders(answer.status(), answer.announced());
            exchange.getResponseBody().write(answer.body().getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
        }
    }

    private static String sum(String text) {
        MessageDigest digest = Sha256.begin();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return Sha256.end(digest);
    }
}
