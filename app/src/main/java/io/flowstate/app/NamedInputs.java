package io.flowstate.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a command is to work on. */
final class NamedInputs {
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    /** Paths for the shell's completion; what was typed is in {@link #named}. */
    @Parameters(paramLabel = "INPUT", arity = "1..*", description = "Audio files and folders.")
    List<Path> inputs = List.of();

    List<String> named() {
        return Objects.requireNonNull(command, "picocli injects it")
                .positionalParameters()
                .getFirst()
                .originalStringValues();
    }
}
