package io.flowstate.app;

import io.flowstate.core.ByteCount;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate config}: what is in force, and who said so. */
@Command(
        name = "config",
        header = "Show the effective configuration and where each value comes from.",
        description = {
            "Sources, the strongest first: options, environment variables (FLOWSTATE_SERVER_PORT sets server.port), the file, the defaults.",
            "The file is the one of --config, else of FLOWSTATE_CONFIG, else flowstate/flowstate.yaml in your configuration folder.",
            ""
        },
        footer = {"", "Example:", "  FLOWSTATE_SERVER_PORT=8080 flowstate config"})
final class ConfigCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    ConfigCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Settings settings = global.settings(terminal, Map.of());
        int names = Keys.ALL.stream().mapToInt(key -> key.name().length()).max().orElse(0);
        int values = settings.all().stream()
                .mapToInt(setting -> shown(setting).length())
                .max()
                .orElse(0);
        terminal.out().println("file: " + settings.file().map(Path::toString).orElse("none"));
        for (Settings.Setting setting : settings.all()) {
            terminal.out()
                    .printf(
                            "%-" + names + "s  %-" + Math.max(1, values) + "s  %s%n",
                            setting.key().name(),
                            shown(setting),
                            setting.origin());
        }
        Variables.unknown(terminal).forEach(unknown -> terminal.err().println("flowstate: " + unknown));
        return Failures.OK;
    }

    /** As it was written, and beside {@code auto} what that comes to, where it depends on this machine. */
    private static String shown(Settings.Setting setting) {
        if (setting.value().equals(OptionalInt.empty()) && setting.key().equals(Keys.ENGINE_THREADS)) {
            return "auto (%d)".formatted(Runtime.getRuntime().availableProcessors());
        }
        if (setting.value().equals(OptionalLong.empty()) && setting.key().equals(Keys.ENGINE_MEMORY)) {
            return "auto (%s)".formatted(ByteCount.memory(Memory.ofMachine().forModels()));
        }
        return setting.shown();
    }
}
