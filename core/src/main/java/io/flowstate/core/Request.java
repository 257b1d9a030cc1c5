package io.flowstate.core;

import java.util.Optional;

/** One typed request. Audio itself is never in here: it stays in the {@link AudioInput}'s file and is read as a stream. */
public sealed interface Request permits StemsRequest {
    Task task();

    /** The model or deployment that the caller wants, if it matters: {@code htdemucs} or {@code local/htdemucs}. */
    Optional<String> model();

    Optional<AudioInput> audio();
}
