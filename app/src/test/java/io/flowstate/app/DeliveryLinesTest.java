package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Messages of all kinds, with the numbers that a server gives. */
final class DeliveryLinesTest {
    private static final String ANSWER = """
            {"deliveries": [
              {"id": "msg_1", "job": "job_1", "type": "job.started", "url": "https://studio.example/hook", "status": "delivered",
               "failures": 1, "last_status": 200, "reason": "It answered 503.", "attempts": [{"number": 1}, {"number": 2}]},
              {"id": "msg_2", "job": "job_1", "type": "job.succeeded", "url": "https://studio.example/hook", "status": "pending",
               "failures": 12, "reason": "It answered 503.", "next_at": "2026-11-22T10:04:05Z",
               "attempts": [{"number": 11}, {"number": 12}]},
              {"id": "msg_3", "job": "job_1", "type": "job.failed", "url": "https://studio.example/%s", "status": "dead",
               "failures": 20, "reason": "It answered 410.", "attempts": [{"number": 20}]}
            ]}""".formatted("x".repeat(100));

    @Test
    void every_column_is_as_wide_as_what_is_in_it() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        DeliveryLines.print(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new JsonMapper().readTree(ANSWER),
                false,
                Instant.parse("2026-11-22T10:00:00Z"));

        String cut = "https://studio.example/" + "x".repeat(36) + "…";
        String hook = "https://studio.example/hook" + " ".repeat(cut.length() - 27);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "MESSAGE  EVENT      JOB    STATUS     ATTEMPTS  NEXT TRY     RECEIVER"
                                + " ".repeat(cut.length() - 8) + "  LAST REASON",
                        "msg_1    started    job_1  delivered  2                      " + hook + "  It answered 503.",
                        "msg_2    succeeded  job_1  pending    12        in 4:05 min  " + hook + "  It answered 503.",
                        "msg_3    failed     job_1  dead       20                     " + cut + "  It answered 410.");
    }
}
