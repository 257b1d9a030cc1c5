package io.flowstate.engine;

import io.flowstate.core.Check;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How the engine uses this machine.
 *
 * @param threads that one graph run may use
 * @param memoryBudgetBytes what loaded models may take together, by their catalogue entries
 * @param queueCapacity requests that may wait behind the one that runs
 * @param idleUnload how long a model that nobody uses stays loaded
 * @param scratch where stems wait for the gain of a whole track, or for others that they are summed with; it can need 21 MB for each minute and stem
 */
public record EngineConfig(int threads, long memoryBudgetBytes, int queueCapacity, Duration idleUnload, Path scratch) {
    public EngineConfig {
        Check.that(threads >= 1 && threads <= 1024, "engine.threads", "must be 1..1024, was %d", threads);
        Check.that(queueCapacity >= 0, "engine.queue", "must not be negative");
        Check.that(idleUnload.isPositive(), "engine.idle_unload", "must be positive");
    }

    /** With the system's folder for temporary files as scratch. */
    public EngineConfig(int threads, long memoryBudgetBytes, int queueCapacity, Duration idleUnload) {
        this(threads, memoryBudgetBytes, queueCapacity, idleUnload, Path.of(System.getProperty("java.io.tmpdir")));
    }
}
