package io.flowstate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code flowstate webhooks}, against a server in this process that sends nothing: messages stay pending. */
final class WebhooksCommandTest extends CommandLineTest {
    private static final String HOOK = "https://198.51.99.7/hook";

    private JobServer server;

    @BeforeEach
    void serve() {
        server = new JobServer(house, temp.resolve("served"), 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void the_secret_stays_the_same_until_it_is_rotated_and_the_overlap_is_told() {
        assertThat(webhooks("secret")).as(complained()).isZero();
        String first = said().strip();
        assertThat(first).matches("whsec_[A-Za-z0-9+/]{40,}=*");
        out.reset();
        assertThat(webhooks("rotate")).isZero();
        String second = said().strip();
        assertThat(second).startsWith("whsec_").isNotEqualTo(first);
        assertThat(complained()).contains("Give it to your receivers before 20");
        out.reset();

        assertThat(webhooks("secret", "--json")).isZero();

        JsonNode now = new JsonMapper().readTree(said());
        assertThat(now.path("secret").stringValue()).isEqualTo(second);
        assertThat(complained()).contains(now.path("overlap_until").stringValue());
    }

    @Test
    void messages_about_a_job_are_listed_and_sent_again() throws IOException {
        file("song.wav", "music");
        assertThat(run(server("jobs", "submit", "song.wav", "--webhook", HOOK)))
                .as(complained())
                .isZero();
        String job = said().strip();
        run(server("jobs", "cancel", job));
        out.reset();

        assertThat(webhooks("list", job, "--json")).as(complained()).isZero();
        JsonNode message = new JsonMapper().readTree(said());
        assertThat(message.path("type").stringValue()).isEqualTo("job.canceled");
        out.reset();
        assertThat(webhooks("list", job)).isZero();
        String id = message.path("id").stringValue();
        assertThat(said().lines()).hasSize(2);
        assertThat(said().lines().toList().getFirst())
                .containsPattern("^MESSAGE +EVENT +JOB +STATUS +ATTEMPTS +NEXT TRY +RECEIVER +LAST REASON$");
        assertThat(said().lines().toList().getLast()).matches(id + "  canceled  " + job + "  pending  0 +now +" + HOOK);
        assertThat(webhooks("redeliver", job, id)).isZero();
        assertThat(said()).contains(id + " is on its way to " + HOOK);
        assertThat(webhooks("redeliver", job, "msg_none")).isEqualTo(Failures.FAILED);
        assertThat(complained())
                .contains("no delivery msg_none", "flowstate webhooks list " + job)
                .doesNotContain("GET /v1");
        out.reset();
        assertThat(webhooks("dead", "--json")).isZero();
        assertThat(said()).isEmpty();
    }

    @Test
    void without_a_server_it_says_what_to_do() {
        server.close();

        assertThat(webhooks("secret")).isEqualTo(Failures.SETUP);
        assertThat(complained()).contains("flowstate serve");
    }

    private int webhooks(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "webhooks";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return run(server(all));
    }

    private String[] server(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = server.address();
        return all;
    }
}
