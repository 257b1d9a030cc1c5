package io.flowstate.app;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flowstate completion}: a script for the shell. */
@Command(
        name = "completion",
        header = "Print a completion script for bash or zsh.",
        footer = {
            "",
            "Examples:",
            "  source <(flowstate completion bash)        in ~/.bashrc",
            "  source <(flowstate completion zsh)         in ~/.zshrc"
        })
final class CompletionCommand implements Callable<Integer> {
    private static final String ZSH = """
            autoload -U +X compinit && compinit -u
            autoload -U +X bashcompinit && bashcompinit
            """;

    /** Shells that can be completed. */
    enum Shell {
        bash,
        zsh
    }

    private final Terminal terminal;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    Shell shell = Shell.bash;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        String script = AutoComplete.bash("flowstate", root).replace(".bash_profile", ".bashrc");
        terminal.out().print(shell == Shell.zsh ? ZSH + script : script);
        return Failures.OK;
    }
}
