package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate models rm}. */
@Command(
        name = "rm",
        description = {"Deletes the files of models.", ""},
        footer = {"", "Example:", "  flowstate models rm htdemucs"})
final class ModelsRemove extends ModelsSubcommand {
    @Mixin
    NamedModels named = new NamedModels();

    ModelsRemove(Terminal terminal, House.Builder houses, InstantSource clock) {
        super(terminal, houses, clock);
    }

    @Override
    int run(House house, Cancellation cancellation) {
        for (Model model : named.of(house)) {
            boolean there = house.models().remove(model, cancellation);
            terminal.out().println(model.id() + (there ? " deleted" : " was not here"));
        }
        return Failures.OK;
    }
}
