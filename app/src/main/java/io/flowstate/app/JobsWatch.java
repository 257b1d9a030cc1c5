package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate jobs watch}. */
@Command(
        name = "watch",
        description = {
            "Shows how far a job is until it is over. Ctrl-C ends the watching and not the job.",
            "The exit code is 0 if it succeeded, and 1 if it failed or was canceled.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate jobs watch job_01kb3…",
            "  flowstate jobs watch job_01kb3… --quiet && flowstate jobs get job_01kb3…",
            "  flowstate jobs watch job_01kb3… --json --quiet     the job when it is over"
        })
final class JobsWatch extends JobsSubcommand {
    @Mixin
    NamedJob named = new NamedJob();

    @Mixin
    QuietOption quiet = new QuietOption();

    JobsWatch(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        return watch(client, client.find(named.id, cancellation), quiet.on, cancellation);
    }
}
