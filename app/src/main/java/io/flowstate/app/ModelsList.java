package io.flowstate.app;

import io.flowstate.core.ByteCount;
import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import java.time.InstantSource;
import picocli.CommandLine.Command;

/** {@code flowstate models list}. */
@Command(
        name = "list",
        description = {"The models of the catalogue, and whether they are here.", ""},
        footer = {"", "Example:", "  flowstate models list"})
final class ModelsList extends ModelsSubcommand {
    ModelsList(Terminal terminal, House.Builder houses, InstantSource clock) {
        super(terminal, houses, clock);
    }

    @Override
    int run(House house, Cancellation cancellation) {
        terminal.out().printf("%-16s %-8s %10s  %-14s %s%n", "MODEL", "TASK", "SIZE", "INSTALLED", "TITLE");
        for (Model model : house.catalogue().models().values()) {
            terminal.out()
                    .printf(
                            "%-16s %-8s %10s  %-14s %s%n",
                            model.id(),
                            model.task().id(),
                            ByteCount.text(model.sizeBytes()),
                            house.models().find(model).isPresent() ? "yes" : "no",
                            model.title());
        }
        return Failures.OK;
    }
}
