package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class JsonLinesTest {
    @Test
    void an_event_is_one_line_with_a_time_that_a_person_can_read() {
        String line = encoded(null);

        assertThat(line).endsWith("\n").containsOnlyOnce("\n");
        JsonNode event = new JsonMapper().readTree(line);
        assertThat(event.propertyNames()).containsExactly("timestamp", "level", "thread", "logger", "message");
        assertThat(event.get("timestamp").asString()).isEqualTo("2026-01-02T03:04:05.678Z");
        assertThat(event.get("message").asString()).isEqualTo("7 \"quoted\"\nlines");
    }

    @Test
    void a_fault_comes_with_its_trace() {
        JsonNode event = new JsonMapper().readTree(encoded(new IllegalStateException("broken")));

        assertThat(event.get("trace").asString()).contains("IllegalStateException: broken", "\tat ");
    }

    private static String encoded(@org.jspecify.annotations.Nullable Throwable fault) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event = new LoggingEvent(
                "", context.getLogger("part"), Level.INFO, "{} \"quoted\"\nlines", fault, new Object[] {7});
        event.setInstant(Instant.parse("2026-01-02T03:04:05.678901Z"));
        event.setThreadName("main");
        return new String(new JsonLines().encode(event), StandardCharsets.UTF_8);
    }
}
