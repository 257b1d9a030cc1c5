package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.engine.rewrite.Verdict;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flowstate models optimize}. */
@Command(
        name = "optimize",
        description = {
            "Fits models to this machine: those named, or all that are here.",
            "Their graphs are rewritten so that they run faster. That happens by itself at a model's first use;",
            "this does it ahead. What is fitted already is left alone.",
            ""
        },
        footer = {"", "Example:", "  flowstate models pull htdemucs && flowstate models optimize htdemucs"})
final class ModelsOptimize extends ModelsSubcommand {
    @Mixin
    ChosenModels chosen = new ChosenModels();

    @Option(names = "--again", description = "Do it once more, although it was done.")
    boolean again;

    ModelsOptimize(Terminal terminal, House.Builder houses, InstantSource clock) {
        super(terminal, houses, clock);
    }

    @Override
    int run(House house, Cancellation cancellation) {
        List<Installed> models = chosen.of(house, terminal).stream()
                .map(model -> ModelsPath.installed(house, model))
                .toList();
        for (Installed model : models) {
            FittedGraphs fitted = new FittedGraphs(house.rewrittenGraphs(), model);
            fitted.roles().forEach(role -> optimize(fitted, role, cancellation));
        }
        return Failures.OK;
    }

    private void optimize(FittedGraphs fitted, String role, Cancellation cancellation) {
        String graph = fitted.installed().model().id() + " " + role;
        Optional<Verdict> before = again ? Optional.empty() : fitted.intact(role, cancellation);
        if (before.isPresent()) {
            String already = before.get() instanceof Verdict.Rewritten ? "already " : "";
            terminal.out().printf("%s %s%s%n", graph, already, FittedGraphs.words(before.get()));
            if (!chosen.quiet) {
                terminal.err().println("Already fitted; to do it once more: flowstate models optimize --again");
            }
            return;
        }
        Verdict verdict;
        try (ProgressView view = progress(chosen.quiet, graph)) {
            verdict = fitted.graphs().optimize(fitted.installed(), role, view, cancellation);
        }
        terminal.out().printf("%s %s%n", graph, FittedGraphs.words(verdict));
    }
}
