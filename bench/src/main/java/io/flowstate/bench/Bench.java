package io.flowstate.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Where every measurement begins: one subcommand each, which the scripts in {@code bench/} name. */
@Command(
        name = "bench",
        subcommands = {
            StemsSideBySide.class,
            QualityTrial.class,
            HostCost.class,
            HttpOverhead.class,
            JobsTrial.class,
            StopTimes.class,
            Faults.class,
            SessionOptionsTrial.class,
            RulesTrial.class,
            GraphProfile.class,
            TransformsBenchmark.Launch.class
        })
final class Bench {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;

    private Bench() {}

    /** Exits with 0, or with 1 and a stack trace when a measurement could not be made. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }
}
