package io.flowstate.app;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Where FlowState keeps what is its own, unless the settings name other folders. Looked up when asked for: a command that keeps nothing needs no home. */
record Places(Terminal terminal) {
    private static final Set<PosixFilePermission> OURS_ALONE = Set.copyOf(PosixFilePermissions.fromString("rwx------"));

    /** The folder of all models. */
    Path models() {
        return cache().resolve("models");
    }

    /**
     * The folder for uploads, made if need be. It is the same for every server of this user, so that the next one finds what a killed one left, and nobody else may look
     * into it.
     *
     * @throws FlowError {@code BAD_CONFIG} if it cannot be made
     */
    Path spool() {
        Path spool = cache().resolve("spool");
        try {
            Files.createDirectories(cache());
            if (!Files.isDirectory(spool)) {
                Files.createDirectory(spool, PosixFilePermissions.asFileAttribute(OURS_ALONE));
            }
            Files.setPosixFilePermissions(spool, OURS_ALONE);
            return spool;
        } catch (IOException refused) {
            throw FlowError.of(Code.BAD_CONFIG, "The spool folder %s cannot be used: %s.", spool, Reason.of(refused))
                    .advice("Name a folder that can be written to with server.spool or FLOWSTATE_HOME.")
                    .causedBy(refused);
        }
    }

    /** The folder for samples that wait; made when it is needed. */
    Path scratch() {
        return cache().resolve("scratch");
    }

    /** The folder for what must not be lost; made by whoever uses it. */
    Path data() {
        return named("FLOWSTATE_HOME")
                .map(home -> home.resolve("data"))
                .or(() -> named("XDG_DATA_HOME").map(data -> data.resolve("flowstate")))
                .or(() -> terminal.home()
                        .map(home -> home.resolve(".local").resolve("share").resolve("flowstate")))
                .orElseThrow(() -> FlowError.of(Code.BAD_CONFIG, "There is no home folder to keep jobs in.")
                        .advice("Set HOME or FLOWSTATE_HOME, or name a folder with data.folder."));
    }

    /** FLOWSTATE_HOME when it is set, else the place where the system's users expect caches. */
    private Path cache() {
        return named("FLOWSTATE_HOME")
                .or(() -> named("XDG_CACHE_HOME").map(caches -> caches.resolve("flowstate")))
                .or(() -> terminal.home().map(home -> home.resolve(".cache").resolve("flowstate")))
                .orElseThrow(() -> FlowError.of(Code.BAD_CONFIG, "There is no home folder to keep models in.")
                        .advice("Set HOME or FLOWSTATE_HOME."));
    }

    private Optional<Path> named(String variable) {
        return terminal.variable(variable).map(terminal.folder()::resolve);
    }
}
