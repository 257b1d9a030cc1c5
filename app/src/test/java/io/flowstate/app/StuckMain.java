package io.flowstate.app;

import io.flowstate.testkit.Gate;
import io.flowstate.testkit.Script;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;

/** The command in a process of its own, with a provider that writes half its outputs, says so on standard output, and then waits until it is stopped. */
final class StuckMain {
    private StuckMain() {}

    /** @param arguments a folder for the house, then the command's own */
    public static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        TestHouse house = new TestHouse(Path.of(arguments[0]));
        Gate gate = new Gate();
        house.provider.next(Script.start()
                .openAll()
                .writeAll("half".repeat(1 << 16).getBytes(StandardCharsets.UTF_8))
                .await(gate));
        Thread.ofVirtual().start(() -> {
            gate.awaitReached();
            terminal.out().println("stuck");
        });
        int code = new Cli(terminal, _ -> house, Clock.systemUTC())
                .run(Arrays.copyOfRange(arguments, 1, arguments.length));
        System.exit(code);
    }
}
