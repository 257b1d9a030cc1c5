package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Installed;
import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowstate models pull}. */
@Command(
        name = "pull",
        description = {"Fetches models and verifies them. Does nothing for one that is here.", ""},
        footer = {"", "Example:", "  flowstate models pull htdemucs"})
final class ModelsPull extends ModelsSubcommand {
    @Mixin
    NamedModels named = new NamedModels();

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress; the terms of the model are shown all the same.")
    boolean quiet;

    ModelsPull(Terminal terminal, House.Builder houses, InstantSource clock) {
        super(terminal, houses, clock);
    }

    @Override
    int run(House house, Cancellation cancellation) {
        List<Model> models = named.of(house);
        models.forEach(model -> pull(house, model, cancellation));
        return Failures.OK;
    }

    private void pull(House house, Model model, Cancellation cancellation) {
        if (house.models().wouldFetch(model)) {
            LicenceNotice.print(terminal.err(), model);
        }
        Installed installed;
        try (ProgressView view = progress(quiet, model.id())) {
            installed = house.models().ensure(model, view, cancellation);
        }
        if (!quiet) {
            terminal.out().printf("%s is here: %s%n", model.id(), ModelsPath.folderOf(house, installed));
        }
    }
}
