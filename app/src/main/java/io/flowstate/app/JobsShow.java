package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate jobs show}. */
@Command(
        name = "show",
        description = {"All about one job.", ""},
        footer = {
            "",
            "Examples:",
            "  flowstate jobs show job_01kb3…",
            "  flowstate jobs show job_01kb3… --json      with its plan and every attempt"
        })
final class JobsShow extends JobsSubcommand {
    @Mixin
    NamedJob named = new NamedJob();

    JobsShow(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        RemoteJob job = client.find(named.id, cancellation);
        if (json) {
            terminal.out().println(job.document());
        } else {
            new JobTables(terminal.out()).one(job);
        }
        return Failures.OK;
    }
}
