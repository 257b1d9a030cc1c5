package io.flowstate.app;

import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flowstate models}: the store of model files, by hand. */
@Command(
        name = "models",
        header = "List, fetch, fit, check and delete models.",
        description = {
            "Models are fetched when they are first needed; these commands do it ahead of that, and look after them.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate models list",
            "  flowstate models pull htdemucs",
            "  flowstate models pull --quiet htdemucs    without progress, for scripts",
            "  flowstate models optimize                 fit all that are here to this machine now",
            "  flowstate models optimize --again         once more, although it was done",
            "  flowstate models verify                   all that are here",
            "  flowstate models path htdemucs",
            "  flowstate models licenses",
            "  flowstate models rm htdemucs"
        })
final class ModelsCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    private ModelsCommand() {}

    /** With its subcommands. */
    static CommandLine of(Terminal terminal, House.Builder houses, InstantSource clock) {
        CommandLine group = new CommandLine(new ModelsCommand());
        List.of(
                        new ModelsList(terminal, houses, clock),
                        new ModelsPull(terminal, houses, clock),
                        new ModelsOptimize(terminal, houses, clock),
                        new ModelsVerify(terminal, houses, clock),
                        new ModelsPath(terminal, houses, clock),
                        new ModelsLicenses(terminal, houses, clock),
                        new ModelsRemove(terminal, houses, clock))
                .forEach(group::addSubcommand);
        return group;
    }
}
