package io.flowstate.core.spi;

import io.flowstate.core.Code;
import io.flowstate.core.Task;
import java.time.Duration;
import java.util.Optional;

/** Hears of every finished request, once. Must be quick and must not throw. */
@FunctionalInterface
public interface Telemetry {
    /**
     * @param deployment the one that answered or failed last; empty when none was tried
     * @param failure empty on success
     * @param audio length of the input, when it had one
     */
    record Finished(
            Task task,
            Optional<String> deployment,
            Optional<Code> failure,
            int attempts,
            Duration took,
            Optional<Duration> audio) {}

    void finished(Finished request);

    Telemetry NONE = request -> {};
}
