package io.flowstate.app;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What every command takes. */
final class GlobalOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file, instead of the one in your configuration folder.")
    Optional<Path> config = Optional.empty();

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell what happens, and show the stack traces of faults.")
    boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    /** The settings with what this command's own options say on top. */
    Settings settings(Terminal terminal, Map<Key<?>, String> options) {
        return Settings.read(terminal, config, new HashMap<>(options));
    }
}
