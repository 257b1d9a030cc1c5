package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import java.time.InstantSource;

/** What the commands of {@code flowstate jobs} have in common: how a job is followed and told of. */
abstract class JobsSubcommand extends ServerSubcommand {
    JobsSubcommand(Terminal terminal, InstantSource clock) {
        super(terminal, clock);
    }

    /** Tells of a job in a line. */
    final void tell(RemoteJob job, String line) {
        if (json) {
            terminal.out().println(job.document());
        } else {
            terminal.out().println(line);
        }
    }

    /** Follows a job to its end, and says how it ended unless that is not wanted. Gives the exit code. */
    final int watch(JobsClient client, RemoteJob begun, boolean quiet, Cancellation cancellation) {
        RemoteJob done;
        try (ProgressView view = ProgressView.of(terminal, quiet, begun.inputName(), clock)) {
            begun.advance().ifPresent(view::on);
            done = new JobFollower(client, begun, view::on, cancellation).follow();
        } catch (FlowError stopped) {
            if (stopped.code() == Code.CANCELED && !quiet) {
                terminal.err().printf("The job goes on. flowstate jobs watch %s shows it again.%n", begun.id());
            }
            throw stopped;
        }
        if (done.hasSucceeded()) {
            if (json || !quiet) {
                tell(
                        done,
                        "%s succeeded. Fetch what came of it: flowstate jobs get %s".formatted(done.id(), done.id()));
            }
            return Failures.OK;
        }
        return failed(done, quiet);
    }

    /** Says why a job has not succeeded. Gives the exit code. */
    final int failed(RemoteJob done, boolean quiet) {
        if (json) {
            terminal.out().println(done.document());
        }
        if (!json || !quiet) {
            Failures.print(terminal.err(), done.id(), why(done));
        }
        return Failures.FAILED;
    }

    private static FlowError why(RemoteJob done) {
        return done.error()
                .orElseGet(
                        () -> FlowError.of(Code.INTERNAL_ERROR, "The job is %s, and does not say why.", done.status()));
    }
}
