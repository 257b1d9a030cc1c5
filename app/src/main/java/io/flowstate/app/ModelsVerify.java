package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.models.Verification;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code flowstate models verify}. */
@Command(
        name = "verify",
        description = {
            "Hashes the files of models that are here: those named, or all.",
            "Tells too whether what was made of their graphs for this machine is intact.",
            ""
        },
        footer = {"", "Example:", "  flowstate models verify"})
final class ModelsVerify extends ModelsSubcommand {
    @Mixin
    ChosenModels chosen = new ChosenModels();

    ModelsVerify(Terminal terminal, House.Builder houses, InstantSource clock) {
        super(terminal, houses, clock);
    }

    @Override
    int run(House house, Cancellation cancellation) {
        List<Model> models = chosen.of(house, terminal);
        int worst = Failures.OK;
        for (Model model : models) {
            worst = Math.max(worst, verify(house, model, cancellation));
        }
        return worst;
    }

    private int verify(House house, Model model, Cancellation cancellation) {
        Verification verification;
        try (ProgressView view = progress(chosen.quiet, model.id())) {
            verification = house.models().verify(model, view, cancellation);
        }
        verification.files().forEach(file -> print(model, file.state().name().toLowerCase(Locale.ROOT), file.path()));
        if (verification.isOk()) {
            house.models().find(model).ifPresent(installed -> verifyFitted(house, installed, cancellation));
            return Failures.OK;
        }
        terminal.err()
                .printf(
                        "%s is not %s. Fetch it: flowstate models pull %s%n",
                        model.id(),
                        verification.files().isEmpty() ? "here" : "intact, and will not be used",
                        model.id());
        return Failures.SETUP;
    }

    private void verifyFitted(House house, Installed installed, Cancellation cancellation) {
        FittedGraphs fitted = new FittedGraphs(house.rewrittenGraphs(), installed);
        for (String role : fitted.roles()) {
            FittedGraphs.Standing standing = fitted.verified(role, cancellation);
            print(installed.model(), standing.state(), standing.what());
        }
    }

    private void print(Model model, String state, Object what) {
        terminal.out().printf("%-12s %-16s %s%n", model.id(), state, what);
    }
}
