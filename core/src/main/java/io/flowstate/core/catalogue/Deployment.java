package io.flowstate.core.catalogue;

import io.flowstate.core.Task;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;

/**
 * A model on a provider.
 *
 * @param limits what one request may ask
 * @param leavesMachine whether the caller's data goes to another machine
 */
public record Deployment(
        String provider, Model model, Price price, Latency latency, Limits limits, boolean leavesMachine) {
    /** {@code provider/model}. */
    public String id() {
        return provider + "/" + model.id();
    }

    /** Whether a request that pins this name, a model's or a deployment's, may run here. */
    public boolean isCalled(String name) {
        return name.equals(id()) || name.equals(model.id());
    }

    public Task task() {
        return model.task();
    }

    /**
     * What a run costs.
     *
     * @param usdPerAudioMinute empty when the price is not known: then it is shown as {@code unpriced}, never as 0
     * @param source who says so
     * @param asOf when it was looked up
     */
    public record Price(Optional<BigDecimal> usdPerAudioMinute, String source, LocalDate asOf) {}

    /**
     * Expected times before any have been measured.
     *
     * @param cold added when nothing is loaded
     * @param start of every run
     * @param perAudioSecond grows with the input
     * @param spread p95 over p50
     */
    public record Latency(Duration cold, Duration start, double perAudioSecond, double spread) {}

    public record Limits(Optional<Duration> maxAudio) {}

    /** Upper estimate for an input of this length, rounded up to 8 decimals; empty when the price or the length it depends on is unknown. */
    public Optional<BigDecimal> costUsd(Optional<Duration> audio) {
        return price.usdPerAudioMinute()
                .flatMap(perMinute -> perMinute.signum() == 0
                        ? Optional.of(BigDecimal.ZERO)
                        : audio.map(length -> plain(perMinute
                                .multiply(seconds(length))
                                .divide(BigDecimal.valueOf(60), 8, RoundingMode.UP))));
    }

    /** Without zeros at the end, and without an exponent for whole tens: 10, not 1E+1. */
    private static BigDecimal plain(BigDecimal usd) {
        BigDecimal stripped = usd.stripTrailingZeros();
        return stripped.setScale(Math.max(0, stripped.scale()));
    }

    private static BigDecimal seconds(Duration length) {
        return BigDecimal.valueOf(length.getSeconds()).add(BigDecimal.valueOf(length.getNano(), 9));
    }
}
