package io.flowstate.engine;

import io.flowstate.core.Cancellation;
import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loaded graphs, within a memory budget: loaded on first use, unloaded when idle for long or when another one needs the room, least recently used first.
 * Thread-safe. Loading holds the lock, so that a model is never loaded twice; to ask what is loaded needs no lock, and the look for idle models lets it be when it is taken.
 */
final class ModelPool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModelPool.class);

    private final EngineConfig config;
    private final RewrittenGraphs rewritten;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Loaded> loaded = new ConcurrentHashMap<>();
    private final ScheduledFuture<?> sweep;

    /** @param role of the graph among the model's files */
    private record Key(String model, String role) {}

    private static final class Loaded {
        private final Model model;
        private final String role;
        private final Graph graph;
        private int leases;
        private long lastUsedMillis;

        Loaded(Model model, String role, Graph graph) {
            this.model = model;
            this.role = role;
            this.graph = graph;
        }

        Key key() {
            return new Key(model.id(), role);
        }
    }

    /** @param timer runs the look for idle models, a few times in the idle time */
    ModelPool(EngineConfig config, RewrittenGraphs rewritten, InstantSource clock, ScheduledExecutorService timer) {
        this.config = config;
        this.rewritten = rewritten;
        this.clock = clock;
        long period = Math.max(100, config.idleUnload().toMillis() / 4);
        this.sweep = timer.scheduleWithFixedDelay(this::unloadIdle, period, period, TimeUnit.MILLISECONDS);
    }

    /** The right to use a graph; it stays loaded until this is closed. */
    record Lease(Graph graph, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    boolean isLoaded(Model model, String role) {
        return loaded.containsKey(new Key(model.id(), role));
    }

    /** Whether the model fits when no other is loaded. */
    boolean canEverHold(Model model) {
        return model.memoryBytes() <= config.memoryBudgetBytes();
    }

    /** @throws FlowError {@link Code#UNAVAILABLE} if the model can never fit, {@link Code#OUT_OF_MEMORY} if it cannot now, {@link Code#MODEL_CORRUPT} if it cannot be loaded */
    Lease lease(Installed installed, String role, Progress.Listener progress, Cancellation cancellation) {
        lock.lock();
        try {
            Loaded entry = loaded.get(new Key(installed.model().id(), role));
            if (entry == null) {
                entry = load(installed, role, progress, cancellation);
            }
            entry.leases++;
            Loaded leased = entry;
            return new Lease(leased.graph, () -> release(leased));
        } finally {
            lock.unlock();
        }
    }

    private Loaded load(Installed installed, String role, Progress.Listener progress, Cancellation cancellation) {
        Model model = installed.model();
        unloadOthersOf(model);
        makeRoom(model);
        Path file = rewritten.graph(installed, role, progress, cancellation);
        long start = clock.millis();
        Loaded entry = new Loaded(model, role, open(installed, role, file));
        loaded.put(entry.key(), entry);
        log.info("{} loaded in {} ms; {} loaded now", model.id(), clock.millis() - start, loaded.size());
        return entry;
    }

    /** A published graph is loaded so that it fits into the memory that was counted on for its rewritten form. */
    private Graph open(Installed installed, String role, Path file) {
        Path published = installed.file(role);
        if (!file.equals(published)) {
            try {
                return Graph.load(file, config.threads());
            } catch (FlowError unusable) {
                if (unusable.code() != Code.MODEL_CORRUPT) {
                    throw unusable;
                }
                // Somebody may have deleted it just now.
                log.warn(
                        "{} is used as published: its rewritten graph cannot be loaded",
                        installed.model().id(),
                        unusable);
            }
        }
        return Graph.loadSparingly(published, config.threads());
    }

    private void release(Loaded entry) {
        lock.lock();
        try {
            entry.leases--;
            entry.lastUsedMillis = clock.millis();
        } finally {
            lock.unlock();
        }
    }

    /** The graphs of one model take turns, since its memory is that of one of them. */
    private void unloadOthersOf(Model model) {
        loaded.values().stream()
                .filter(each -> each.leases == 0 && each.model.id().equals(model.id()))
                .forEach(each -> unload(each, "for the next graph of " + model.id()));
    }

    private void makeRoom(Model wanted) {
        if (!canEverHold(wanted)) {
            throw FlowError.of(
                            Code.UNAVAILABLE,
                            "%s needs about %d MiB of memory and the engine may use %d MiB.",
                            wanted.id(),
                            wanted.memoryBytes() >> 20,
                            config.memoryBudgetBytes() >> 20)
                    .advice("Give the machine or container more, or raise engine.memory.");
        }
        while (used() + wanted.memoryBytes() > config.memoryBudgetBytes()) {
            Loaded oldest = oldestIdle()
                    .orElseThrow(() -> FlowError.of(
                                    Code.OUT_OF_MEMORY, "The models in use leave no room for %s.", wanted.id())
                            .retryAfter(Duration.ofSeconds(10))
                            .advice("Send the request again when they are done, or raise engine.memory."));
            unload(oldest, "to make room for " + wanted.id());
        }
    }

    private long used() {
        return loaded.values().stream()
                .mapToLong(each -> each.model.memoryBytes())
                .sum();
    }

    private Optional<Loaded> oldestIdle() {
        return loaded.values().stream()
                .filter(each -> each.leases == 0)
                .min(Comparator.comparingLong(each -> each.lastUsedMillis));
    }

    private void unloadIdle() {
        if (!lock.tryLock()) {
            return;
        }
        try {
            long limit = clock.millis() - config.idleUnload().toMillis();
            loaded.values().stream()
                    .filter(each -> each.leases == 0 && each.lastUsedMillis <= limit)
                    .forEach(each -> unload(each, "idle"));
        } finally {
            lock.unlock();
        }
    }

    private void unload(Loaded entry, String why) {
        loaded.remove(entry.key());
        entry.graph.close();
        log.info("{} unloaded: {}", entry.model.id(), why);
    }

    /** Call when nothing runs any more. */
    @Override
    public void close() {
        sweep.cancel(false);
        lock.lock();
        try {
            loaded.values().forEach(each -> each.graph.close());
            loaded.clear();
        } finally {
            lock.unlock();
        }
    }
}
