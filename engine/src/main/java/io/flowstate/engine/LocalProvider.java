package io.flowstate.engine;

import io.flowstate.audio.AudioFiles;
import io.flowstate.core.Request;
import io.flowstate.core.Result;
import io.flowstate.core.StemsRequest;
import io.flowstate.core.catalogue.Deployment;
import io.flowstate.core.catalogue.Model;
import io.flowstate.core.spi.ModelStore;
import io.flowstate.core.spi.ModelStore.Installed;
import io.flowstate.core.spi.Progress;
import io.flowstate.core.spi.Provider;
import io.flowstate.core.spi.Run;
import io.flowstate.core.spi.Status;
import io.flowstate.engine.demucs.Pass;
import io.flowstate.engine.demucs.StemsRun;
import io.flowstate.engine.rewrite.RewrittenGraphs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * The {@code local} provider: this process. A run takes a place in the lane, fetches its model if need be, reads its input once over, and then has the machine to itself.
 */
public final class LocalProvider implements Provider, AutoCloseable {
    private static final Set<String> FAMILIES = Set.of("demucs");

    private static final Duration REACH_HOLDS = Duration.ofSeconds(1);

    private final EngineConfig config;
    private final ModelStore store;
    private final AudioFiles audio;
    private final InstantSource clock;
    private final Lane lane;
    private final ModelPool pool;
    /** When each model was last seen to be within reach, by id. */
    private final Map<String, Instant> seen = new ConcurrentHashMap<>();

    /** @param timer unloads idle models; its tasks are short */
    public LocalProvider(
            EngineConfig config,
            ModelStore store,
            AudioFiles audio,
            InstantSource clock,
            ScheduledExecutorService timer) {
        this.config = config;
        this.store = store;
        this.audio = audio;
        this.clock = clock;
        this.lane = new Lane("engine", config.queueCapacity(), clock);
        this.pool = new ModelPool(config, new RewrittenGraphs(store, config.threads()), clock, timer);
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public Status status(Deployment deployment) {
        Model model = deployment.model();
        return new Status(
                obstacle(model),
                isLoaded(model),
                lane.running(),
                lane.waiting(),
                lane.capacity(),
                Optional.of(lane.typicalRun()));
    }

    /** What keeps an engine of this version from running the model on any machine. */
    public static Optional<String> mistake(Model model) {
        if (!FAMILIES.contains(model.family())) {
            return Optional.of("this engine has no code for the model family \"%s\"".formatted(model.family()));
        }
        return Pass.mistake(model);
    }

    /** What would keep every request from running, until somebody mends it; with what to do. */
    private Optional<String> obstacle(Model model) {
        Optional<String> mistake = mistake(model);
        if (mistake.isPresent()) {
            return mistake;
        }
        if (!pool.canEverHold(model)) {
            return Optional.of(
                    "it needs about %d MiB of memory and the engine may use %d MiB; give the machine or container more, or raise engine.memory"
                            .formatted(model.memoryBytes() >> 20, config.memoryBudgetBytes() >> 20));
        }
        if (!isLoaded(model) && !isWithinReach(model)) {
            return Optional.of(
                    "its files are not here and no source may be asked for them; let models.offline be false once and pull it (flowstate models pull %s), or give it a file source"
                            .formatted(model.id()));
        }
        return Optional.empty();
    }

    /**
     * The store looks at files for this, and every request asks it anew: what was there a moment ago counts as there, and a run finds out in any case. What was not there
     * is looked for each time, so that a pull is noticed at once.
     */
    private boolean isWithinReach(Model model) {
        Instant now = clock.instant();
        Instant last = seen.get(model.id());
        if (last != null && Duration.between(last, now).abs().compareTo(REACH_HOLDS) < 0) {
            return true;
        }
        boolean reached = store.isWithinReach(model);
        if (reached) {
            seen.put(model.id(), now);
        }
        return reached;
    }

    @Override
    public Result run(Deployment deployment, Request request, Run run) {
        return switch (request) {
            case StemsRequest stems -> separate(deployment.model(), stems, run);
        };
    }

    private Result separate(Model model, StemsRequest request, Run run) {
        StemsRun stems = new StemsRun(audio, model, request, run, config.scratch(), clock);
        try (Lane.Place place = lane.enter()) {
            Installed installed = store.ensure(model, run.progress(), run.cancellation());
            StemsRun.Measured measured = stems.measure();
            return place.run(run.cancellation(), run.progress(), () -> {
                if (!isLoaded(model)) {
                    run.progress().on(new Progress(Progress.Phase.LOADING, 0, 0));
                }
                return stems.separate(
                        measured, (role, work) -> withGraph(installed, role, run, work), lane.companion());
            });
        }
    }

    /** Whether all its graphs are, which those of a bag never are at once. */
    private boolean isLoaded(Model model) {
        return model.files().keySet().stream().allMatch(role -> pool.isLoaded(model, role));
    }

    private void withGraph(Installed installed, String role, Run run, Consumer<Graph> work) {
        try (ModelPool.Lease lease = pool.lease(installed, role, run.progress(), run.cancellation())) {
            work.accept(lease.graph());
        }
    }

    /** Waits for what runs; cancel it first to make that quick. */
    @Override
    public void close() {
        lane.close();
        pool.close();
    }
}
