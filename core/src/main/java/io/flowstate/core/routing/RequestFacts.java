package io.flowstate.core.routing;

import io.flowstate.core.Check;
import io.flowstate.core.Task;
import java.time.Duration;
import java.util.Optional;

/**
 * What a plan depends on, without the request's content.
 *
 * @param model model or {@code provider/model} that the caller pins
 * @param audio length of the input, when there is one and it is known
 */
public record RequestFacts(Task task, Optional<String> model, Optional<Duration> audio) {
    public RequestFacts {
        audio.ifPresent(length -> Check.that(!length.isNegative(), "audio", "must not have a negative length"));
    }
}
