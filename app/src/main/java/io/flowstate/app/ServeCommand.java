package io.flowstate.app;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowstate serve}: the HTTP server, until a signal stops it. */
@Command(
        name = "serve",
        header = "Run the HTTP server.",
        description = {
            "Listens on loopback unless told otherwise. On SIGTERM or Ctrl-C it takes no new work, lets what runs finish, and stops; the exit code is then 143 or 130.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate serve",
            "  curl -F file=@song.mp3 'localhost:7070/v1/stems?stems=vocals&format=flac' -o vocals.flac",
            "  flowstate serve --host ::1 --port 8080 --drain 2m --config /etc/flowstate.yaml",
            "  flowstate serve --data /srv/flowstate --roles worker"
        })
final class ServeCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

    private final Terminal terminal;
    private final House.Builder houses;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Address to listen on. Default: 127.0.0.1 (server.host).")
    Optional<String> host = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port to listen on; 0 takes a free one. Default: 7070 (server.port).")
    Optional<String> port = Optional.empty();

    @Option(
            names = "--drain",
            paramLabel = "TIME",
            description = "How long running work may go on after a stop signal. Default: 30s (server.drain).")
    Optional<String> drain = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder in which jobs are kept. Default: the user's data folder (data.folder).")
    Optional<String> data = Optional.empty();

    @Option(
            names = "--roles",
            paramLabel = "ROLES",
            description = "What this node does: api, worker or both. Default: api,worker (server.roles).")
    Optional<String> roles = Optional.empty();

    ServeCommand(Terminal terminal, House.Builder houses) {
        this.terminal = terminal;
        this.houses = houses;
    }

    @Override
    public Integer call() throws InterruptedException {
        Map<Key<?>, String> options = new HashMap<>();
        host.ifPresent(text -> options.put(Keys.SERVER_HOST, text));
        port.ifPresent(text -> options.put(Keys.SERVER_PORT, text));
        drain.ifPresent(text -> options.put(Keys.SERVER_DRAIN, text));
        data.ifPresent(text -> options.put(StoreKeys.DATA_FOLDER, text));
        roles.ifPresent(text -> options.put(StoreKeys.SERVER_ROLES, text));
        Settings settings = global.settings(terminal, options);
        Logging.serve(settings.get(Keys.LOG_FORMAT), terminal.isInteractive(), global.verbose);
        Variables.unknown(terminal).forEach(unknown -> log.warn("{}", unknown));
        House house = houses.build(settings);
        House.Served server = start(house);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            server.drainAndStop();
                            house.close();
                        },
                        "drain"));
        terminal.out().println("FlowState listens on " + server.address());
        new CountDownLatch(1).await();
        return Failures.OK;
    }

    private static House.Served start(House house) {
        try {
            return house.serve();
        } catch (RuntimeException failed) {
            house.close();
            throw failed;
        }
    }
}
