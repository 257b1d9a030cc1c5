package io.flowstate.app;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code flowstate version}. */
@Command(
        name = "version",
        header = "Show the version of FlowState and of the Java that runs it.",
        footer = {"", "Example:", "  flowstate version --json"})
final class VersionCommand implements Callable<Integer>, IVersionProvider {
    private final Terminal terminal;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(names = "--json", description = "As a JSON object.")
    boolean json;

    VersionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Of the jar; {@code dev} when the classes were not started from one. */
    static String version() {
        return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"flowstate " + version()};
    }

    @Override
    public Integer call() {
        String java = System.getProperty("java.vendor.version", System.getProperty("java.version", ""));
        String system = System.getProperty("os.name", "") + " " + System.getProperty("os.arch", "");
        if (json) {
            terminal.out()
                    .println(JsonNodeFactory.instance
                            .objectNode()
                            .put("version", version())
                            .put("java", Runtime.version().toString())
                            .put("java_vendor", java)
                            .put("system", system));
        } else {
            terminal.out().println("flowstate " + version());
            terminal.out().printf("Java %s (%s), %s%n", Runtime.version(), java, system);
        }
        return Failures.OK;
    }
}
