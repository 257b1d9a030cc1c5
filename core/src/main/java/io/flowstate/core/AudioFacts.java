package io.flowstate.core;

import java.time.Duration;
import java.util.Optional;

/**
 * What is known of an input before it is decoded.
 *
 * @param container the demuxer's name, e.g. {@code wav}, {@code flac}, {@code mov}
 * @param duration as the file announces it; empty when it does not say
 */
public record AudioFacts(String container, String codec, int sampleRateHz, int channels, Optional<Duration> duration) {
    public AudioFacts {
        Check.that(sampleRateHz >= 1_000 && sampleRateHz <= 768_000, "sample rate", "must be 1..768 kHz");
        duration.ifPresent(length -> Check.that(!length.isNegative(), "duration", "must not be negative"));
        Check.that(channels >= 1 && channels <= 64, "channels", "must be 1..64, were %d", channels);
    }
}
