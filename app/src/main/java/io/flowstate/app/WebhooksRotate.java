package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code flowstate webhooks rotate}. */
@Command(
        name = "rotate",
        description = {
            "Puts a new secret in use and prints it. For 24 hours messages are signed with the one before as well.",
            ""
        },
        footer = {"", "Examples:", "  flowstate webhooks rotate", "  flowstate webhooks rotate --json | jq -r .secret"})
final class WebhooksRotate extends ServerSubcommand {
    WebhooksRotate(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        JsonNode secret = client.rotateWebhookSecret(cancellation);
        if (json) {
            terminal.out().println(secret);
        } else {
            terminal.out().println(secret.path("secret").stringValue());
            terminal.err()
                    .printf(
                            "Give it to your receivers before %s; until then the one before works too.%n",
                            secret.path("overlap_until").stringValue());
        }
        return Failures.OK;
    }
}
