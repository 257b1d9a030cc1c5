package io.flowstate.app;

import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowstate jobs}: work on a server that goes on without whoever handed it in. */
@Command(
        name = "jobs",
        header = "Hand work to a server, and see what becomes of it.",
        description = {
            "A job is kept by the server, through restarts too, until it is done. The server is the one of --server, FLOWSTATE_SERVER or client.server; by default that of flowstate serve on this machine.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate jobs submit albums --tag live     prints an id for each",
            "  flowstate jobs submit song.flac --wait      and shows how far it is",
            "  flowstate jobs list --status running",
            "  flowstate jobs show job_…                   all about one",
            "  flowstate jobs watch job_…",
            "  flowstate jobs get job_… -o stems           fetches what came of it",
            "  flowstate jobs cancel job_…",
            "  flowstate jobs retry job_…",
            "  flowstate jobs list --server http://studio:7070",
            "",
            "Exit codes: 0 done; 1 a job failed or the server refused; 2 usage; 3 setup (no server, no disk); 130 stopped."
        })
final class JobsCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    private JobsCommand() {}

    /** With its subcommands. */
    static CommandLine of(Terminal terminal, InstantSource clock) {
        CommandLine group = new CommandLine(new JobsCommand());
        List.of(
                        new JobsSubmit(terminal, clock),
                        new JobsList(terminal, clock),
                        new JobsShow(terminal, clock),
                        new JobsWatch(terminal, clock),
                        new JobsCancel(terminal, clock),
                        new JobsRetry(terminal, clock),
                        new JobsGet(terminal, clock))
                .forEach(group::addSubcommand);
        return group;
    }
}
