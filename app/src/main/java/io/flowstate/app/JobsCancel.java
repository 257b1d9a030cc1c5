package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate jobs cancel}. */
@Command(
        name = "cancel",
        description = {"Cancels a job that waits or runs; one that is over stays as it is.", ""},
        footer = {"", "Examples:", "  flowstate jobs cancel job_01kb3…", "  flowstate jobs cancel job_01kb3… --quiet"})
final class JobsCancel extends JobsSubcommand {
    @Mixin
    NamedJob named = new NamedJob();

    @Mixin
    QuietOption quiet = new QuietOption();

    JobsCancel(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        RemoteJob job = client.cancel(named.id, cancellation);
        if (json || !quiet.on) {
            tell(job, job.id() + outcome(job));
        }
        return Failures.OK;
    }

    private static String outcome(RemoteJob job) {
        return switch (job.status()) {
            case "canceled" -> " is canceled.";
            case "succeeded", "failed" -> " has %s already; it stays as it is.".formatted(job.status());
            default -> " is told to stop.";
        };
    }
}
