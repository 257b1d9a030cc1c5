package io.flowstate.models;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.catalogue.Model.ModelFile;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Progress.Phase;
import io.flowstate.models.Verification.CheckedFile;
import io.flowstate.models.Verification.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models in a folder. Any number of threads, stores and processes may use the folder at once.
 *
 * <p>Below the root, beside what {@link Shelf} keeps: {@code locks/} (see {@link Locks}), {@code work/{model}/} with what a pull needs on its way, {@code quarantine/{model}/}, and {@code derived/{model}/}.
 * Whoever holds a model's lock owns its work folder; what is found there belongs to a pull that died and is swept, except for the parts of broken downloads, which the next
 * pull goes on with. That holds for a pull that was stopped too: when its caller leaves, the next of those who wait for it takes over where it ended.
 */
public final class DiskModelStore implements ModelStore {
    private static final Logger log = LoggerFactory.getLogger(DiskModelStore.class);
    private static final Pattern SAFE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private final Path root;
    private final Clock clock;
    private final Locks locks;
    private final Shelf shelf;
    private final WorkFolders work;
    private final Sources sources;

    public DiskModelStore(ModelStoreConfig config, Clock clock) {
        this(config, clock, Pause.REAL);
    }

    DiskModelStore(ModelStoreConfig config, Clock clock, Pause betweenTries) {
        this.root = config.folder().toAbsolutePath().normalize();
        this.clock = clock;
        this.locks = new Locks(root.resolve("locks"));
        this.shelf = new Shelf(root, locks);
        this.work = new WorkFolders(root.resolve("work"), locks);
        this.sources = new Sources(config, clock, betweenTries);
    }

    @Override
    public Optional<Installed> find(Model model) {
        requireSafe(model);
        return shelf.find(model);
    }

    @Override
    public boolean isWithinReach(Model model) {
        return find(model).isPresent() || sources.mayAskAny(model);
    }

    /** Why {@link #ensure} is not worth a try, and what to do; empty when it is. */
    public Optional<FlowError> outOfReach(Model model) {
        return isWithinReach(model) ? Optional.empty() : Optional.of(Sources.outOfReach(model));
    }

    /** Whether {@link #ensure} would ask a source for it: it is not here, and not every source is out of bounds. */
    public boolean wouldFetch(Model model) {
        return find(model).isEmpty() && sources.mayAskAny(model);
    }

    @Override
    public Installed ensure(Model model, Progress.Listener progress, Cancellation cancellation) {
        Optional<Installed> here = find(model);
        if (here.isPresent()) {
            return here.get();
        }
        try (Locks.Held _ = locks.hold(model.id(), cancellation, () -> waiting(model, progress))) {
            Optional<Installed> byOthers = find(model);
            return byOthers.isPresent() ? byOthers.get() : pull(model, progress, cancellation);
        }
    }

    /** Has a lock of its own: whoever derives something may meanwhile look at the model itself. */
    @Override
    public Derived derived(Model model, Progress.Listener progress, Cancellation cancellation) {
        requireSafe(model);
        Locks.Held held =
                locks.hold(derivedName(model), cancellation, () -> progress.on(new Progress(Phase.QUEUED, 1, 0)));
        try {
            return new Derived(Files.createDirectories(derivedFolder(model)), held::close);
        } catch (IOException unusable) {
            held.close();
            throw Disk.failure(unusable, derivedFolder(model));
        }
    }

    @Override
    public Path derivedFolder(Model model) {
        requireSafe(model);
        return root.resolve("derived").resolve(model.id());
    }

    /**
     * Hashes every file of a model that was pulled. A wrong file goes into quarantine and the model counts as not installed from then on. Blocks; the calling thread does the work.
     *
     * @param progress in the bytes of {@link Phase#VERIFYING}
     */
    public Verification verify(Model model, Progress.Listener progress, Cancellation cancellation) {
        requireSafe(model);
        try (Locks.Held _ = locks.hold(model.id(), cancellation, () -> waiting(model, progress))) {
            Meter meter = new Meter(Phase.VERIFYING, progress);
            meter.start(model.sizeBytes());
            Map<String, Manifest.Entry> here =
                    shelf.manifest(model).map(Manifest::files).orElse(Map.of());
            List<CheckedFile> checked = new ArrayList<>();
            new TreeMap<>(here).forEach((role, entry) -> {
                checked.add(Verification.check(role, shelf.path(entry), entry, meter, cancellation));
            });
            Verification verification = new Verification(checked);
            if (!verification.isOk()) {
                condemn(model, verification);
            }
            return verification;
        }
    }

    /** Deletes a model, with the remains of its pulls and its quarantine. True if there was something to delete. */
    public boolean remove(Model model, Cancellation cancellation) {
        requireSafe(model);
        try (Locks.Held _ = locks.hold(model.id(), cancellation, () -> log.info("{} is in use; waiting", model.id()))) {
            Path workOfModel = work.of(model.id());
            boolean remains =
                    Files.exists(workOfModel) || Files.exists(quarantine(model).folder());
            boolean there = shelf.remove(model.id());
            Disk.deleteTree(workOfModel);
            Disk.deleteTree(quarantine(model).folder());
            try (Locks.Held _ =
                    locks.hold(derivedName(model), cancellation, () -> log.info("{} is in use; waiting", model.id()))) {
                Disk.deleteTree(derivedFolder(model));
            }
            return there || remains;
        }
    }

    /** Where an installed model lies and where it came from. */
    public Optional<Provenance> provenance(Model model) {
        return find(model)
                .flatMap(here -> shelf.manifest(model)
                        .map(manifest -> new Provenance(
                                commonFolder(here), manifest.source(), manifest.pulledAt(), model.sizeBytes())));
    }

    /** Root of the store. */
    public Path folder() {
        return root;
    }

    private Installed pull(Model model, Progress.Listener progress, Cancellation cancellation) {
        Path folder = work.of(model.id());
        Path scratch = folder.resolve(WorkFolders.PULL + UUID.randomUUID());
        Path partial = folder.resolve("partial");
        boolean keepPartial = false;
        try {
            work.sweepDeadPulls(model.id());
            Files.createDirectories(scratch);
            Pull pull = new Pull(
                    model, scratch, partial, quarantine(model), new Meter(Phase.PULLING, progress), cancellation);
            Sources.Fetched fetched = sources.fetch(pull);
            cancellation.throwIfCanceled();
            shelf.publish(manifest(model, fetched), fetched.delivery());
            log.info("{} is here, from {}", model.id(), fetched.source());
            return find(model)
                    .orElseThrow(() -> new IllegalStateException(model.id() + " vanished while it was published"));
        } catch (IOException failed) {
            throw Disk.failure(failed, folder);
        } catch (FlowError failed) {
            keepPartial = failed.code() != Code.DISK_FULL && Disk.bytesIn(partial) > 0;
            throw failed;
        } finally {
            Disk.deleteTree(keepPartial ? scratch : folder);
        }
    }

    private Manifest manifest(Model model, Sources.Fetched fetched) {
        Map<String, Manifest.Entry> files = new HashMap<>();
        for (Delivery.Item item : fetched.delivery().items()) {
            ModelFile file = item.wanted().file();
            String path = Shelf.home(fetched.delivery()) + "/" + item.path();
            files.put(item.wanted().role(), new Manifest.Entry(path, file.sha256(), file.sizeBytes()));
        }
        return new Manifest(model.id(), fetched.source(), clock.instant(), files);
    }

    private void waiting(Model model, Progress.Listener progress) {
        log.info("somebody else is at work on {}; waiting for them to finish", model.id());
        progress.on(new Progress(Phase.QUEUED, 1, 0));
    }

    private void condemn(Model model, Verification verification) {
        for (CheckedFile file : verification.files()) {
            if (file.state() == State.WRONG_SIZE || file.state() == State.WRONG_CHECKSUM) {
                quarantine(model).put(file.path(), file.path().getFileName().toString());
            }
        }
        shelf.remove(model.id());
    }

    /** The deepest folder that holds all files. */
    private static Path commonFolder(Installed model) {
        return model.files().values().stream()
                .map(Disk::parent)
                .reduce((a, b) -> {
                    Path common = a;
                    while (!b.startsWith(common)) {
                        common = Disk.parent(common);
                    }
                    return common;
                })
                .orElseThrow();
    }

    /** Of its lock; no model has such an id. */
    private static String derivedName(Model model) {
        return model.id() + "~derived";
    }

    private Quarantine quarantine(Model model) {
        return new Quarantine(root.resolve("quarantine").resolve(model.id()));
    }

    /** The id becomes a file name. */
    private static void requireSafe(Model model) {
        if (!SAFE_ID.matcher(model.id()).matches()) {
            throw FlowError.of(
                            Code.BAD_CONFIG,
                            "The model id \"%s\" cannot be kept: letters, digits, dots, dashes and underscores only.",
                            model.id())
                    .advice("Rename the model in the catalogue.");
        }
    }
}
