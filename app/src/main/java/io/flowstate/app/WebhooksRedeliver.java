package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code flowstate webhooks redeliver}. */
@Command(
        name = "redeliver",
        description = {"Sends a message again, whatever has become of it.", ""},
        footer = {
            "",
            "Examples:",
            "  flowstate webhooks redeliver job_01kb3… msg_01kb4…",
            "  flowstate webhooks redeliver job_01kb3… msg_01kb4… --json"
        })
final class WebhooksRedeliver extends ServerSubcommand {
    @Mixin
    NamedJob named = new NamedJob();

    @Parameters(index = "1", paramLabel = "MESSAGE", description = "Its id, as flowstate webhooks list shows it.")
    String message = "";

    WebhooksRedeliver(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        JsonNode delivery = client.redeliver(named.id, message, cancellation);
        if (json) {
            terminal.out().println(delivery);
        } else {
            terminal.out()
                    .printf(
                            "%s is on its way to %s.%n",
                            message, delivery.path("url").asString(""));
        }
        return Failures.OK;
    }
}
