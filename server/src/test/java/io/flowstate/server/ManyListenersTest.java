package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More listeners at a time than Jetty would run requests if it were left to its defaults. */
final class ManyListenersTest {
    private static final int LISTENERS = 300;

    /** Patient, because a busy machine takes its time with so many. */
    @RegisterExtension
    final TestServer server = new TestServer(Duration.ofSeconds(20), Duration.ofSeconds(5), Clock.systemUTC());

    @Test
    void very_many_who_listen_are_in_nobodys_way_and_all_hear_of_the_end() {
        HttpResponse<String> accepted = server.send(server.audio("?stems=vocals", "RIFF")
                .header("Prefer", "respond-async")
                .build());
        String job = "/v1/jobs/"
                + Json.parseObject(accepted.body().getBytes(UTF_8)).get("id").stringValue();
        List<CompletableFuture<HttpResponse<InputStream>>> listeners = IntStream.range(0, LISTENERS)
                .mapToObj(_ -> server.client()
                        .sendAsync(
                                HttpRequest.newBuilder(server.uri(job + "/events"))
                                        .build(),
                                BodyHandlers.ofInputStream()))
                .toList();
        TestServer.await("all listen", () -> listeners.stream().allMatch(CompletableFuture::isDone));

        assertThat(server.post(job + "/cancel", "text/plain", "").statusCode()).isEqualTo(200);

        assertThat(listeners)
                .allSatisfy(each -> assertThat(each.join().body())
                        .asString(UTF_8)
                        .contains("\"status\":\"queued\"")
                        .contains("\"status\":\"canceled\""));
    }
}
