package io.flowstate.engine;

import io.flowstate.core.Code;
import io.flowstate.core.FlowError;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore.Installed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loaded graphs, within a memory budget: loaded on first use, unloaded when idle for long or when another one needs the room, least recently used first.
 * Thread-safe; loading holds the lock, so that a model is never loaded twice.
 */
final class ModelPool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModelPool.class);

    private final EngineConfig config;
    private final InstantSource clock;
    private final Map<String, Loaded> loaded = new LinkedHashMap<>();
    private final ScheduledFuture<?> sweep;

    private static final class Loaded {
        private final Model model;
        private final Graph graph;
        private int leases;
        private long lastUsedMillis;

        Loaded(Model model, Graph graph) {
            this.model = model;
            this.graph = graph;
        }
    }

    /** @param timer runs the look for idle models, a few times in the idle time */
    ModelPool(EngineConfig config, InstantSource clock, ScheduledExecutorService timer) {
        this.config = config;
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

    synchronized boolean isLoaded(Model model) {
        return loaded.containsKey(model.id());
    }

    /** @throws FlowError {@link Code#OUT_OF_MEMORY} if the model cannot fit, {@link Code#MODEL_CORRUPT} if it cannot be loaded */
    synchronized Lease lease(Installed installed) {
        Model model = installed.model();
        Loaded entry = loaded.get(model.id());
        if (entry == null) {
            makeRoom(model);
            long start = clock.millis();
            entry = new Loaded(model, Graph.load(installed.file("graph"), config.threads()));
            loaded.put(model.id(), entry);
            log.info("{} loaded in {} ms; {} loaded now", model.id(), clock.millis() - start, loaded.size());
        }
        entry.leases++;
        Loaded leased = entry;
        return new Lease(leased.graph, () -> release(leased));
    }

    private synchronized void release(Loaded entry) {
        entry.leases--;
        entry.lastUsedMillis = clock.millis();
    }

    private void makeRoom(Model wanted) {
        if (wanted.memoryBytes() > config.memoryBudgetBytes()) {
            throw FlowError.of(
                            Code.OUT_OF_MEMORY,
                            "%s needs about %d MiB of memory and the engine may use %d MiB.",
                            wanted.id(),
                            wanted.memoryBytes() >> 20,
                            config.memoryBudgetBytes() >> 20)
                    .advice("Free memory or raise engine.memory_budget.");
        }
        while (used() + wanted.memoryBytes() > config.memoryBudgetBytes()) {
            Loaded oldest = oldestIdle()
                    .orElseThrow(() -> FlowError.of(
                                    Code.OUT_OF_MEMORY, "The models in use leave no room for %s.", wanted.id())
                            .retryAfter(Duration.ofSeconds(10))
                            .advice("Send the request again when they are done, or raise engine.memory_budget."));
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

    private synchronized void unloadIdle() {
        long limit = clock.millis() - config.idleUnload().toMillis();
        loaded.values().stream()
                .filter(each -> each.leases == 0 && each.lastUsedMillis <= limit)
                .toList()
                .forEach(each -> unload(each, "idle"));
    }

    private void unload(Loaded entry, String why) {
        loaded.remove(entry.model.id());
        entry.graph.close();
        log.info("{} unloaded: {}", entry.model.id(), why);
    }

    /** Call when nothing runs any more. */
    @Override
    public synchronized void close() {
        sweep.cancel(false);
        loaded.values().forEach(each -> each.graph.close());
        loaded.clear();
    }
}
