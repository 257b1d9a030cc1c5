package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.models.Provenance;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code flowstate models path}. */
@Command(
        name = "path",
        description = {"Where a model's files lie, or the folder of all.", ""},
        footer = {"", "Example:", "  flowstate models path htdemucs"})
final class ModelsPath extends ModelsSubcommand {
    @Parameters(
            paramLabel = "MODEL",
            arity = "0..1",
            description = NamedModels.WHAT,
            completionCandidates = Candidates.Models.class)
    Optional<String> name = Optional.empty();

    ModelsPath(Terminal terminal, House.Builder houses, InstantSource clock) {
        super(terminal, houses, clock);
    }

    @Override
    int run(House house, Cancellation cancellation) {
        Path path = name.map(
                        id -> folderOf(house, installed(house, house.catalogue().model(id))))
                .orElseGet(() -> house.models().folder());
        terminal.out().println(path);
        return Failures.OK;
    }

    /** @throws FlowError {@code MODEL_UNAVAILABLE} if it is not here */
    static Installed installed(House house, Model model) {
        return house.models()
                .find(model)
                .orElseThrow(() -> FlowError.of(Code.MODEL_UNAVAILABLE, "%s is not here.", model.id())
                        .advice("Fetch it: flowstate models pull %s", model.id()));
    }

    static Path folderOf(House house, Installed installed) {
        return house.models()
                .provenance(installed.model())
                .map(Provenance::folder)
                .orElseGet(() -> house.models().folder());
    }
}
