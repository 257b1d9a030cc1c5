package io.flowstate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.flowstate.testkit.FakeProvider;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A node whose own clock is an hour ahead, or behind: what it promises is by the database's, as all other nodes keep it. */
final class WrongClockTest {
    private static final Duration SOME = Duration.ofSeconds(5);

    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void a_link_is_good_for_as_long_as_was_asked_for(long hours) {
        Clock wrong = Clock.offset(Clock.systemUTC(), Duration.ofHours(hours));
        try (TestServer server = new TestServer(SOME, SOME, wrong)) {
            server.jobs.work();
            String id = read(server.send(server.audio("?stems=vocals", "RIFF")
                            .header("Prefer", "respond-async")
                            .build()))
                    .get("id")
                    .stringValue();
            String output = read(server.get("/v1/jobs/%s?wait=20s".formatted(id)))
                    .get("outputs")
                    .get(0)
                    .get("href")
                    .stringValue();

            JsonNode link = read(server.post(output + "/link?expires_in=10m", "text/plain", ""));

            assertThat(server.get(link.get("href").stringValue()).body()).isEqualTo(FakeProvider.PLAIN);
            // It ends with a whole second, and is never shorter than was asked.
            assertThat(Instant.parse(link.get("expires_at").stringValue()))
                    .isBetween(Instant.now(), Instant.now().plus(Duration.ofSeconds(601)));
        }
    }

    private static JsonNode read(HttpResponse<String> answer) {
        return Json.parseObject(answer.body().getBytes(UTF_8));
    }
}
