package io.flowstate.app;

import io.flowstate.core.Cancellation;
import io.flowstate.core.catalogue.Model;
import java.io.PrintStream;
import java.time.InstantSource;
import picocli.CommandLine.Command;

/** {@code flowstate models licenses}. */
@Command(
        name = "licenses",
        description = {"The terms of each model's weights.", ""},
        footer = {"", "Example:", "  flowstate models licenses"})
final class ModelsLicenses extends ModelsSubcommand {
    ModelsLicenses(Terminal terminal, House.Builder houses, InstantSource clock) {
        super(terminal, houses, clock);
    }

    @Override
    int run(House house, Cancellation cancellation) {
        for (Model model : house.catalogue().models().values()) {
            Model.Licence licence = model.licence();
            PrintStream out = terminal.out();
            out.println(model.id());
            out.println("  weights         " + licence.weights());
            out.println("  code            " + licence.code());
            out.println("  commercial use  " + (licence.commercialUse() ? "allowed" : "not allowed"));
            out.println("  terms           " + licence.terms());
            if (!licence.notice().isBlank()) {
                out.println("  " + licence.notice().strip());
            }
        }
        return Failures.OK;
    }
}
