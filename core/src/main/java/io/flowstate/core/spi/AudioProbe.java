package io.flowstate.core.spi;

import io.flowstate.core.AudioFacts;
import io.flowstate.core.AudioInput;
import io.flowstate.core.Cancellation;

/** Reads what a file says of itself, without decoding it. */
@FunctionalInterface
public interface AudioProbe {
    /** @throws io.flowstate.core.FlowError {@code AUDIO_UNREADABLE} or {@code AUDIO_EMPTY} */
    AudioFacts probe(AudioInput input, Cancellation cancellation);
}
