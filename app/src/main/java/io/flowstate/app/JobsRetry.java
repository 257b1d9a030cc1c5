package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate jobs retry}. */
@Command(
        name = "retry",
        description = {"Queues a job again that failed or was canceled, as long as its input is kept.", ""},
        footer = {"", "Examples:", "  flowstate jobs retry job_01kb3…", "  flowstate jobs retry job_01kb3… --quiet"})
final class JobsRetry extends JobsSubcommand {
    @Mixin
    NamedJob named = new NamedJob();

    @Mixin
    QuietOption quiet = new QuietOption();

    JobsRetry(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    @Override
    int run(JobsClient client, Cancellation cancellation) {
        RemoteJob job = client.retry(named.id, cancellation);
        if (json || !quiet.on) {
            tell(job, "%s is %s again.".formatted(job.id(), job.status()));
        }
        return Failures.OK;
    }
}
