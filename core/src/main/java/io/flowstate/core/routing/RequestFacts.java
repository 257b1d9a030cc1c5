package io.flowstate.core.routing;

import io.flowstate.core.Check;
import io.flowstate.core.Stem;
import io.flowstate.core.Task;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What a plan depends on, without the request's content.
 *
 * @param model model or {@code provider/model} that the caller pins
 * @param audio length of the input, when there is one and it is known
 * @param stems that a separation must give; empty when any will do
 */
public record RequestFacts(Task task, Optional<String> model, Optional<Duration> audio, Set<Stem> stems) {
    public RequestFacts {
        stems = Set.copyOf(stems);
        audio.ifPresent(length -> Check.that(!length.isNegative(), "audio", "must not have a negative length"));
    }

    /** Of a request that names no stems. */
    public RequestFacts(Task task, Optional<String> model, Optional<Duration> audio) {
        this(task, model, audio, Set.of());
    }
}
