package io.flowstate.app;

import io.flowstate.core.catalogue.Model;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a command takes that looks after models: which ones, and whether to show progress. */
final class ChosenModels {
    @Parameters(
            paramLabel = "MODEL",
            arity = "0..*",
            description = NamedModels.WHAT,
            completionCandidates = Candidates.Models.class)
    List<String> names = List.of();

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress.")
    boolean quiet;

    /** Those named, or all that are here; if that is none, it is said. */
    List<Model> of(House house, Terminal terminal) {
        if (!names.isEmpty()) {
            return names.stream().map(house.catalogue()::model).toList();
        }
        List<Model> here = house.catalogue().models().values().stream()
                .filter(model -> house.models().find(model).isPresent())
                .toList();
        if (here.isEmpty()) {
            terminal.err()
                    .printf(
                            "No model is here yet. There are: %s. Fetch one: flowstate models pull MODEL%n",
                            String.join(", ", house.catalogue().models().keySet()));
        }
        return here;
    }
}
