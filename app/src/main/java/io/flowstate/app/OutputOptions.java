package io.flowstate.app;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where results are written. */
final class OutputOptions {
    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "Folder for the results; it is made when it is missing. Default: the current one.")
    Path out = Path.of("");

    @Option(
            names = "--name",
            paramLabel = "TEMPLATE",
            description = "How results are called, below the folder of -o: a path with {track}, {stem}, {ext},"
                    + " {folder} (where the input lies in the folder you named) and {n} (its number)."
                    + " Default: '{track}-stems/{stem}.{ext}'; another: --name '{track}/{stem}.{ext}'.")
    String name = NameTemplate.DEFAULT.text();
}
