package io.flowstate.app;

import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowstate webhooks}: what a server tells others of its jobs. */
@Command(
        name = "webhooks",
        header = "See what a server tells others of its jobs, and with which secret.",
        description = {
            "Messages go to the webhook_url of a job, signed with the secret. The server is the one of --server, FLOWSTATE_SERVER or client.server; by default that of flowstate serve on this machine.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate webhooks secret                   what receivers check signatures with",
            "  flowstate webhooks rotate                   a new one; for a day both are signed with",
            "  flowstate webhooks list job_…               every message about a job",
            "  flowstate webhooks dead                     those that were given up",
            "  flowstate webhooks redeliver job_… msg_…",
            "  flowstate webhooks dead --server http://studio:7070",
            "",
            "Exit codes: 0 done; 1 the server refused; 2 usage; 3 setup (no server); 130 stopped."
        })
final class WebhooksCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    private WebhooksCommand() {}

    /** With its subcommands. */
    static CommandLine of(Terminal terminal, InstantSource clock) {
        CommandLine group = new CommandLine(new WebhooksCommand());
        List.of(
                        new WebhooksSecret(terminal, clock),
                        new WebhooksRotate(terminal, clock),
                        new WebhooksList(terminal, clock),
                        new WebhooksDead(terminal, clock),
                        new WebhooksRedeliver(terminal, clock))
                .forEach(group::addSubcommand);
        return group;
    }
}
