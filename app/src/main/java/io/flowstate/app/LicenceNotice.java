package io.flowstate.app;

import io.flowstate.core.catalogue.Model;
import java.io.PrintStream;

/** What whoever is about to fetch weights is told of their terms. */
final class LicenceNotice {
    private LicenceNotice() {}

    /** Nothing when the model has none to tell. */
    static void print(PrintStream err, Model model) {
        Model.Licence licence = model.licence();
        if (!licence.notice().isBlank()) {
            err.printf(
                    "Licence of %s (%s): %s%n",
                    model.id(), licence.weights(), licence.notice().strip());
            if (!licence.terms().isBlank()) {
                err.println("  Terms: " + licence.terms());
            }
        }
    }
}
