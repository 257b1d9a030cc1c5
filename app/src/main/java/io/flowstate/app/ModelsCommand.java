package io.flowstate.app;

import io.flowstate.core.ByteCount;
import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import io.flowstate.engine.rewrite.Verdict;
import io.flowstate.models.Provenance;
import io.flowstate.models.Verification;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flowstate models}: the store of model files, by hand. */
@Command(
        name = "models",
        header = "List, fetch, fit, check and delete models.",
        description = {
            "Models are fetched when they are first needed; these commands do it ahead of that, and look after them.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flowstate models list",
            "  flowstate models pull htdemucs",
            "  flowstate models pull --quiet htdemucs    without progress, for scripts",
            "  flowstate models optimize                 fit all that are here to this machine now",
            "  flowstate models verify                   all that are here",
            "  flowstate models path htdemucs",
            "  flowstate models licenses",
            "  flowstate models rm htdemucs"
        })
final class ModelsCommand {
    private static final Duration GRACE = Duration.ofMillis(900);
    static final String MODEL = "A model of the catalogue, e.g. htdemucs; see: flowstate models list.";
    private static final String EXAMPLE = "Example:";

    private final Terminal terminal;
    private final House.Builder houses;
    private final InstantSource clock;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    ModelsCommand(Terminal terminal, House.Builder houses, InstantSource clock) {
        this.terminal = terminal;
        this.houses = houses;
        this.clock = clock;
    }

    /** The terms of a model's weights; nothing when it has none to tell. */
    static void printNotice(PrintStream err, Model model) {
        if (!model.licence().notice().isBlank()) {
            err.printf(
                    "Licence of %s (%s): %s%n",
                    model.id(),
                    model.licence().weights(),
                    model.licence().notice().strip());
            if (!model.licence().terms().isBlank()) {
                err.println("  Terms: " + model.licence().terms());
            }
        }
    }

    @Command(
            name = "list",
            description = {"The models of the catalogue, and whether they are here.", ""},
            footer = {"", EXAMPLE, "  flowstate models list"})
    int list(@Mixin GlobalOptions options) {
        try (House house = house(options)) {
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

    @Command(
            name = "pull",
            description = {"Fetches models and verifies them. Does nothing for one that is here.", ""},
            footer = {"", EXAMPLE, "  flowstate models pull htdemucs"})
    int pull(
            @Mixin GlobalOptions options,
            @Parameters(
                            paramLabel = "MODEL",
                            arity = "1..*",
                            description = MODEL,
                            completionCandidates = Candidates.Models.class)
                    List<String> names,
            @Option(
                            names = {"-q", "--quiet"},
                            description = "No progress; the terms of the model are shown all the same.")
                    boolean quiet) {
        try (House house = house(options)) {
            List<Model> models = named(house, names);
            Cancellation cancellation = new Cancellation();
            try (StopSignal _ = new StopSignal(cancellation, GRACE, () -> {})) {
                models.forEach(model -> pull(house, model, quiet, cancellation));
            }
            return Failures.OK;
        }
    }

    @Command(
            name = "verify",
            description = {
                "Hashes the files of models that are here: those named, or all.",
                "Tells too whether what was made of their graphs for this machine is intact.",
                ""
            },
            footer = {"", EXAMPLE, "  flowstate models verify"})
    int verify(@Mixin GlobalOptions options, @Mixin ChosenModels chosen) {
        try (House house = house(options)) {
            List<Model> models = chosen.of(house, terminal);
            Cancellation cancellation = new Cancellation();
            int worst = Failures.OK;
            try (StopSignal _ = new StopSignal(cancellation, GRACE, () -> {})) {
                for (Model model : models) {
                    worst = Math.max(worst, verify(house, model, chosen.quiet, cancellation));
                }
            }
            return worst;
        }
    }

    @Command(
            name = "optimize",
            description = {
                "Fits models to this machine: those named, or all that are here.",
                "Their graphs are rewritten so that they run faster. That happens by itself at a model's first use;",
                "this does it ahead, or once more.",
                ""
            },
            footer = {"", EXAMPLE, "  flowstate models pull htdemucs && flowstate models optimize htdemucs"})
    int optimize(@Mixin GlobalOptions options, @Mixin ChosenModels chosen) {
        try (House house = house(options)) {
            List<Installed> models = chosen.of(house, terminal).stream()
                    .map(model -> installed(house, model))
                    .toList();
            Cancellation cancellation = new Cancellation();
            try (StopSignal _ = new StopSignal(cancellation, GRACE, () -> {})) {
                models.forEach(model -> optimize(house.rewrittenGraphs(), model, chosen.quiet, cancellation));
            }
            return Failures.OK;
        }
    }

    @Command(
            name = "rm",
            description = {"Deletes the files of models.", ""},
            footer = {"", EXAMPLE, "  flowstate models rm htdemucs"})
    int remove(
            @Mixin GlobalOptions options,
            @Parameters(
                            paramLabel = "MODEL",
                            arity = "1..*",
                            description = MODEL,
                            completionCandidates = Candidates.Models.class)
                    List<String> names) {
        try (House house = house(options)) {
            for (Model model : named(house, names)) {
                boolean there = house.models().remove(model, new Cancellation());
                terminal.out().println(model.id() + (there ? " deleted" : " was not here"));
            }
            return Failures.OK;
        }
    }

    @Command(
            name = "path",
            description = {"Where a model's files lie, or the folder of all.", ""},
            footer = {"", EXAMPLE, "  flowstate models path htdemucs"})
    int path(
            @Mixin GlobalOptions options,
            @Parameters(
                            paramLabel = "MODEL",
                            arity = "0..1",
                            description = MODEL,
                            completionCandidates = Candidates.Models.class)
                    Optional<String> name) {
        try (House house = house(options)) {
            Path path = name.map(id ->
                            folderOf(house, installed(house, house.catalogue().model(id))))
                    .orElseGet(() -> house.models().folder());
            terminal.out().println(path);
            return Failures.OK;
        }
    }

    @Command(
            name = "licenses",
            description = {"The terms of each model's weights.", ""},
            footer = {"", EXAMPLE, "  flowstate models licenses"})
    int licenses(@Mixin GlobalOptions options) {
        try (House house = house(options)) {
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

    private House house(GlobalOptions options) {
        return houses.build(options.settings(terminal, Map.of()));
    }

    private static List<Model> named(House house, List<String> names) {
        return names.stream().map(house.catalogue()::model).toList();
    }

    private void pull(House house, Model model, boolean quiet, Cancellation cancellation) {
        if (house.models().wouldFetch(model)) {
            printNotice(terminal.err(), model);
        }
        Installed installed;
        try (ProgressView view = ProgressView.of(terminal, quiet, model.id(), clock)) {
            installed = house.models().ensure(model, view, cancellation);
        }
        if (!quiet) {
            terminal.out().printf("%s is here: %s%n", model.id(), folderOf(house, installed));
        }
    }

    private int verify(House house, Model model, boolean quiet, Cancellation cancellation) {
        Verification verification;
        try (ProgressView view = ProgressView.of(terminal, quiet, model.id(), clock)) {
            verification = house.models().verify(model, view, cancellation);
        }
        verification
                .files()
                .forEach(file -> printState(model, file.state().name().toLowerCase(Locale.ROOT), file.path()));
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
            printState(installed.model(), standing.state(), standing.what());
        }
    }

    private void printState(Model model, String state, Object what) {
        terminal.out().printf("%-12s %-16s %s%n", model.id(), state, what);
    }

    private void optimize(RewrittenGraphs graphs, Installed installed, boolean quiet, Cancellation cancellation) {
        for (String role : RewrittenGraphs.roles(installed)) {
            String graph = installed.model().id() + " " + role;
            Verdict verdict;
            try (ProgressView view = ProgressView.of(terminal, quiet, graph, clock)) {
                verdict = graphs.optimize(installed, role, view, cancellation);
            }
            terminal.out().printf("%s %s%n", graph, verdict.summary());
        }
    }

    private static Installed installed(House house, Model model) {
        return house.models()
                .find(model)
                .orElseThrow(() -> FlowError.of(Code.MODEL_UNAVAILABLE, "%s is not here.", model.id())
                        .advice("Fetch it: flowstate models pull %s", model.id()));
    }

    private static Path folderOf(House house, Installed installed) {
        return house.models()
                .provenance(installed.model())
                .map(Provenance::folder)
                .orElseGet(() -> house.models().folder());
    }
}
