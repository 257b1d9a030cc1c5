package io.flowstate.engine.rewrite;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.DiskFull;
import io.flowstate.core.FlowError;
import io.flowstate.core.Reason;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.ModelStore.Derived;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rewritten forms of published graphs, made on this machine when a graph is first loaded, and kept. They never leave it: their weights are under the model's licence.
 *
 * <p>An attempt never makes anything worse. When it fails, or its result does not compute the same ({@link Attempt}), the graph is used as published; a failure that another time might not meet, such as a full disk, is met again at the
 * next load. A rewritten file is hashed before each use and made anew when it is not what it was.
 *
 * <p>Thread-safe, and safe between processes, by the store's lock on the model's folder. Making is native and takes some seconds, so callers use a platform thread.
 */
public final class RewrittenGraphs {
    /** To be raised with every change of the rules: what was made by others is not used any more. */
    private static final int VERSION = 2;

    private static final Logger log = LoggerFactory.getLogger(RewrittenGraphs.class);

    private final ModelStore store;
    private final int threads;
    private final List<Rule> rules;

    /** @param threads for the runs that compare */
    public RewrittenGraphs(ModelStore store, int threads) {
        this(store, threads, Rewriter.RULES);
    }

    RewrittenGraphs(ModelStore store, int threads, List<Rule> rules) {
        this.store = store;
        this.threads = threads;
        this.rules = rules;
    }

    /**
     * The file to load for a graph. Where it has not been rewritten yet, that is tried first.
     *
     * @throws FlowError the cancellation's reason; no other failure gets out
     */
    public Path graph(Installed installed, String role, Progress.Listener progress, Cancellation cancellation) {
        Path original = installed.file(role);
        try (Derived derived = store.derived(installed.model(), progress, cancellation)) {
            DerivedFiles files = files(derived.folder(), installed, role);
            Verdict verdict = standing(files, installed, role)
                    .orElseGet(() -> attempt(installed, role, files, progress, cancellation));
            return verdict instanceof Verdict.Rewritten ? files.graph() : original;
        } catch (FlowError failed) {
            cancellation.throwIfCanceled();
            log.warn(
                    "{} is used as published, slower and in more memory: {}",
                    installed.model().id(),
                    failed.message());
            return original;
        }
    }

    /**
     * Rewrites a graph now, whatever is there.
     *
     * @throws FlowError why it cannot be done at the moment, or the cancellation's reason
     */
    public Verdict optimize(Installed installed, String role, Progress.Listener progress, Cancellation cancellation) {
        try (Derived derived = store.derived(installed.model(), progress, cancellation)) {
            return attempt(installed, role, files(derived.folder(), installed, role), progress, cancellation);
        }
    }

    /** The roles of a model's graphs among its files: {@code graph}, or {@code graph.} and a stem. */
    public static List<String> roles(Installed installed) {
        return installed.model().files().keySet().stream()
                .filter(role -> role.equals("graph") || role.startsWith("graph."))
                .toList();
    }

    /**
     * What came of the last attempt, as it was written down; empty when there was none. Reads a few lines, waits for nobody and changes nothing; whether the rewritten file is still what it was, only {@link #verify} tells.
     *
     * @throws FlowError if it cannot be read
     */
    public Optional<Verdict> told(Installed installed, String role) {
        DerivedFiles files = files(store.derivedFolder(installed.model()), installed, role);
        try {
            return files.verdict().filter(files::seemsToHold);
        } catch (IOException unreadable) {
            throw failure(unreadable, files.folder());
        }
    }

    /** What came of the last attempt; empty when there was none, or its result is not what it was. */
    public Optional<Verdict> verify(Installed installed, String role, Cancellation cancellation) {
        try (Derived derived = store.derived(installed.model(), Progress.Listener.NONE, cancellation)) {
            return standing(files(derived.folder(), installed, role), installed, role);
        }
    }

    private static DerivedFiles files(Path folder, Installed installed, String role) {
        String runtime = OnnxRuntime.environment().getVersion();
        return DerivedFiles.of(folder, role, sha256(installed, role), VERSION, runtime);
    }

    private static String sha256(Installed installed, String role) {
        return Objects.requireNonNull(installed.model().files().get(role), role).sha256();
    }

    private static Optional<Verdict> standing(DerivedFiles files, Installed installed, String role) {
        try {
            Optional<Verdict> verdict = files.verdict();
            if (verdict.isPresent() && !files.holds(verdict.get())) {
                log.warn(
                        "the rewritten {} of {} is damaged",
                        role,
                        installed.model().id());
                return Optional.empty();
            }
            return verdict;
        } catch (IOException unreadable) {
            throw failure(unreadable, files.folder());
        }
    }

    private Verdict attempt(
            Installed installed,
            String role,
            DerivedFiles files,
            Progress.Listener progress,
            Cancellation cancellation) {
        String id = installed.model().id();
        try {
            files.sweepOthers();
            files.sweepUnfinished();
            Verdict verdict = new Attempt(installed.file(role), files, rules, threads, progress, cancellation).make();
            files.keep(verdict);
            switch (verdict) {
                case Verdict.Rewritten made -> log.info("{} of {} {}", role, id, made.summary());
                case Verdict.Kept kept -> log.warn("{} of {} {}", role, id, kept.summary());
            }
            return verdict;
        } catch (IOException failed) {
            throw failure(failed, files.folder());
        } finally {
            sweepUnfinished(files);
        }
    }

    private static void sweepUnfinished(DerivedFiles files) {
        try {
            files.sweepUnfinished();
        } catch (IOException left) {
            log.debug("{}: what an attempt has left goes at the next one", files.folder(), left);
        }
    }

    private static FlowError failure(IOException failed, Path folder) {
        Code code = DiskFull.isReasonOf(failed) ? Code.DISK_FULL : Code.INTERNAL_ERROR;
        return FlowError.of(code, "%s cannot be used: %s.", folder, Reason.of(failed))
                .causedBy(failed);
    }
}
