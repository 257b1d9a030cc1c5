package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code flowstate webhooks secret}. */
@Command(
        name = "secret",
        description = {
            "Prints the secret that messages are signed with. Receivers need it; nobody else should have it.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate webhooks secret",
            "  flowstate webhooks secret --json      with the end of an overlap, if there is one"
        })
final class WebhooksSecret extends ServerSubcommand {
    WebhooksSecret(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        JsonNode secret = client.webhookSecret(cancellation);
        terminal.out().println(json ? secret : secret.path("secret").stringValue());
        return Failures.OK;
    }
}
