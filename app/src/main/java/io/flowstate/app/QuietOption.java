package io.flowstate.app;

import picocli.CommandLine.Option;

/** For commands of {@code flowstate jobs} that otherwise say what they do. */
final class QuietOption {
    @Option(
            names = {"-q", "--quiet"},
            description = "No progress, and no word of success: only errors, and what --json gives.")
    boolean on;
}
