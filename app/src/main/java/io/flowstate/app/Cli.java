package io.flowstate.app;

import io.flowstate.core.FlowError;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** All commands, and what becomes of the errors that they throw. */
final class Cli {
    private static final Logger log = LoggerFactory.getLogger(Cli.class);

    private final Terminal terminal;
    private final CommandLine commands;

    @Command(
            name = "flowstate",
            header = "Stems from music, on this machine or behind an HTTP API.",
            description = "",
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "",
                "Examples:",
                "  flowstate stems song.flac          four stems in song-stems/",
                "  flowstate serve                    the HTTP API on localhost:7070",
                "  flowstate doctor                   is everything here that is needed?",
                "",
                "flowstate COMMAND --help tells all about a command."
            })
    static final class Root {
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help.")
        boolean help;

        @Option(
                names = {"-V", "--version"},
                versionHelp = true,
                description = "Show the version.")
        boolean version;
    }

    Cli(Terminal terminal, House.Builder houses, Clock clock) {
        this.terminal = terminal;
        VersionCommand version = new VersionCommand(terminal);
        this.commands = new CommandLine(new Root())
                .addSubcommand(new StemsCommand(terminal, houses, clock))
                .addSubcommand(new ServeCommand(terminal, houses))
                .addSubcommand(JobsCommand.of(terminal, clock))
                .addSubcommand(WebhooksCommand.of(terminal, clock))
                .addSubcommand(ModelsCommand.of(terminal, houses, clock))
                .addSubcommand(new DoctorCommand(terminal, houses))
                .addSubcommand(new ConfigCommand(terminal))
                .addSubcommand(version)
                .addSubcommand(new CompletionCommand(terminal))
                .addSubcommand(new HelpCommand());
        commands.getCommandSpec().versionProvider(version);
        commands.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.isInteractive() ? Ansi.AUTO : Ansi.OFF))
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((wrong, _) -> misused(wrong))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command, parsed))
                .setExecutionStrategy(this::execute)
                .registerConverter(BigDecimal.class, text -> number(text, BigDecimal::new, "a number"))
                .registerConverter(Double.class, text -> number(text, Double::valueOf, "a number"))
                .registerConverter(Integer.class, text -> number(text, Integer::valueOf, "a whole number"))
                .registerConverter(Long.TYPE, text -> number(text, Long::valueOf, "a whole number"));
    }

    private static <N> N number(String text, Function<String, N> parser, String what) {
        try {
            return parser.apply(text.strip());
        } catch (NumberFormatException not) {
            throw new TypeConversionException("must be %s, was \"%s\"".formatted(what, text));
        }
    }

    /** What there is, for a look at its descriptions. */
    CommandLine commands() {
        return commands;
    }

    /** Runs one command on the calling thread and gives its exit code. */
    int run(String... arguments) {
        return commands.execute(arguments);
    }

    private int execute(ParseResult parsed) {
        if (isVerbose(parsed)) {
            Logging.verbose();
        }
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        boolean isGroup = !(last.commandSpec().userObject() instanceof Callable);
        if (isGroup && !last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            last.commandSpec().commandLine().usage(terminal.out());
            return Failures.OK;
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static boolean isVerbose(ParseResult parsed) {
        return parsed.hasMatchedOption("--verbose") || (parsed.hasSubcommand() && isVerbose(parsed.subcommand()));
    }

    private int misused(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        if (wrong instanceof MissingParameterException missing && isCalledBare(missing)) {
            terminal.err().println(needs(missing));
            return Failures.USAGE;
        }
        terminal.err().println("flowstate: " + wrong.getMessage());
        UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
        terminal.err().printf("Try: %s --help%n", command.getCommandSpec().qualifiedName());
        return Failures.USAGE;
    }

    /** Whether it is a parameter that is missing, and not an option's value. */
    private static boolean isCalledBare(MissingParameterException missing) {
        return missing.getMissing().stream().allMatch(ArgSpec::isPositional);
    }

    /** What a command cannot do without, and how that looks: its first example. */
    private static String needs(MissingParameterException missing) {
        CommandSpec spec = missing.getCommandLine().getCommandSpec();
        String what = missing.getMissing().stream().map(ArgSpec::paramLabel).collect(Collectors.joining(" and "));
        String example = Arrays.stream(spec.usageMessage().footer())
                .filter(line -> line.contains(spec.qualifiedName()))
                .map(line -> line.strip().split("\\s{2,}", 2)[0])
                .findFirst()
                .orElse(spec.qualifiedName() + " --help");
        return "%s needs %s, for example: %s".formatted(spec.qualifiedName(), what, example);
    }

    private int failed(Exception failure, CommandLine command, ParseResult parsed) {
        if (failure instanceof FlowError error) {
            Failures.print(terminal.err(), Failures.subject(error), error);
            int code = Failures.exitCode(error);
            if (code == Failures.USAGE) {
                terminal.err()
                        .printf("Try: %s --help%n", command.getCommandSpec().qualifiedName());
            }
            return code;
        }
        log.error("unexpected failure", failure);
        boolean verbose = isVerbose(parsed);
        terminal.err()
                .printf(
                        "flowstate: an unexpected failure: %s%n  %s%n",
                        failure,
                        verbose
                                ? "Please report it with the lines above."
                                : "Run it again with --verbose and report what it says.");
        return Failures.FAILED;
    }
}
