package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;

/** {@code flowstate webhooks dead}. */
@Command(
        name = "dead",
        description = {"The messages of all jobs that were given up, the last one first.", ""},
        footer = {"", "Examples:", "  flowstate webhooks dead", "  flowstate webhooks dead --json | jq -r .reason"})
final class WebhooksDead extends ServerSubcommand {
    WebhooksDead(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        DeliveryLines.print(terminal.out(), client.deadLetters(cancellation), json, clock.instant());
        return Failures.OK;
    }
}
