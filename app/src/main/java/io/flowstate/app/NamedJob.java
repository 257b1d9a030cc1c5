package io.flowstate.app;

import picocli.CommandLine.Parameters;

/** The job that a command is about. */
final class NamedJob {
    @Parameters(paramLabel = "ID", description = "The job, as submit and list call it.")
    String id = "";
}
