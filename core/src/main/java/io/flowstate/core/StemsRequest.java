package io.flowstate.core;

import java.util.Optional;

/**
 * Separate one piece of music.
 *
 * @param overlap share of a segment that the next one covers again, 0 to 0.95; more is slower and a little better
 * @param shifts how many times the whole track is separated at different random offsets and averaged, 1..10; time grows by this factor
 * @param seed of the random offsets, so that a run can be repeated exactly
 * @param allowTruncated separates what is there when a file ends too early, instead of refusing it
 */
public record StemsRequest(
        AudioInput input,
        StemSelection selection,
        Optional<String> model,
        double overlap,
        int shifts,
        long seed,
        AudioFormat output,
        ClipMode clip,
        boolean allowTruncated)
        implements Request {
    public StemsRequest {
        Check.that(overlap >= 0 && overlap <= 0.95, "overlap", "must be 0..0.95, was %s", overlap);
        Check.that(shifts >= 1 && shifts <= 10, "shifts", "must be 1..10, was %d", shifts);
        Check.that(
                clip != ClipMode.NONE || output.container().isLossy() || output.bits() == AudioFormat.Bits.FLOAT_32,
                "clip",
                "can be none only with `bits` 32f or a lossy `format`; integer samples cannot go over full scale");
    }

    /** All stems of whichever model is chosen, with the defaults of every option. */
    public static StemsRequest of(AudioInput input) {
        return new StemsRequest(
                input,
                new StemSelection.All(),
                Optional.empty(),
                Quality.STANDARD.overlap(),
                Quality.STANDARD.shifts(),
                0,
                AudioFormat.DEFAULT,
                ClipMode.CLAMP,
                false);
    }

    @Override
    public Task task() {
        return Task.STEMS;
    }

    @Override
    public Optional<AudioInput> audio() {
        return Optional.of(input);
    }
}
