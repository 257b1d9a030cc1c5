package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate webhooks list}. */
@Command(
        name = "list",
        description = {"The messages about a job, in the order of its events.", ""},
        footer = {
            "",
            "Examples:",
            "  flowstate webhooks list job_01kb3…",
            "  flowstate webhooks list job_01kb3… --json      with every attempt"
        })
final class WebhooksList extends ServerSubcommand {
    @Mixin
    NamedJob named = new NamedJob();

    WebhooksList(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        DeliveryLines.print(terminal.out(), client.deliveries(named.id, cancellation), json, clock.instant());
        return Failures.OK;
    }
}
