package io.flowstate.core;

import java.util.Locale;

/** What happens to samples beyond full scale, which a separation can produce even from a mix that has none. */
public enum ClipMode {
    /** Limited to full scale; the result says how many were. All others stay as the model made them. */
    CLAMP,
    /** All outputs of the track are turned down by one common factor, so that the loudest just fits and their balance stays. */
    RESCALE,
    /** Left as they are; only float and lossy outputs can carry them. */
    NONE;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static ClipMode of(String id) {
        return Check.choice("clip", id, values(), ClipMode::id);
    }
}
