package io.flowstate.app;

import io.flowstate.core.Cancellation;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What the commands of {@code flowstate models} have in common: a house to work in, and Ctrl-C, which cancels what they do. */
abstract class ModelsSubcommand implements Callable<Integer> {
    final Terminal terminal;
    private final House.Builder houses;
    private final InstantSource clock;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    ModelsSubcommand(Terminal terminal, House.Builder houses, InstantSource clock) {
        this.terminal = terminal;
        this.houses = houses;
        this.clock = clock;
    }

    @Override
    public final Integer call() {
        Cancellation cancellation = new Cancellation();
        try (House house = houses.build(global.settings(terminal, Map.of()));
                StopSignal _ = new StopSignal(cancellation)) {
            return run(house, cancellation);
        }
    }

    /** Gives the exit code. */
    abstract int run(House house, Cancellation cancellation);

    final ProgressView progress(boolean quiet, String label) {
        return ProgressView.of(terminal, quiet, label, clock);
    }
}
