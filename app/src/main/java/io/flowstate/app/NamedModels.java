package io.flowstate.app;

import io.flowstate.core.catalogue.Model;
import java.util.List;
import picocli.CommandLine.Parameters;

/** The models that a command is told to deal with. */
final class NamedModels {
    static final String WHAT = "A model of the catalogue, e.g. htdemucs; see: flowstate models list.";

    @Parameters(
            paramLabel = "MODEL",
            arity = "1..*",
            description = WHAT,
            completionCandidates = Candidates.Models.class)
    List<String> names = List.of();

    /** @throws io.flowstate.core.FlowError {@code UNKNOWN_MODEL} */
    List<Model> of(House house) {
        return names.stream().map(house.catalogue()::model).toList();
    }
}
