package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that talk to a server have in common: its address, answers for programs, and Ctrl-C, which ends the command and nothing on the server. */
abstract class ServerSubcommand implements Callable<Integer> {
    final Terminal terminal;
    final InstantSource clock;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "The server. Default: http://127.0.0.1:7070 (client.server).")
    Optional<String> server = Optional.empty();

    @Option(names = "--json", description = "For programs: JSON objects, one a line, as the API gives them.")
    boolean json;

    ServerSubcommand(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    @Override
    public final Integer call() {
        Map<Key<?>, String> overrides = new HashMap<>();
        server.ifPresent(address -> overrides.put(Keys.CLIENT_SERVER, address));
        Settings settings = global.settings(terminal, overrides);
        Cancellation cancellation = new Cancellation();
        try (JobsClient client = new JobsClient(settings.get(Keys.CLIENT_SERVER));
                StopSignal _ = new StopSignal(cancellation)) {
            return run(client, cancellation);
        }
    }

    /** Gives the exit code. */
    abstract int run(JobsClient client, Cancellation cancellation);
}
