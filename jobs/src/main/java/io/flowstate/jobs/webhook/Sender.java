package io.flowstate.jobs.webhook;

import io.flowstate.core.Cancellation;
import io.flowstate.core.FlowError;
import io.flowstate.egress.Egress;
import io.flowstate.egress.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes one attempt to deliver a message and says what it led to. Thread-safe if the random source is; blocks the calling thread. */
public final class Sender {
    private static final Logger log = LoggerFactory.getLogger(Sender.class);
    private static final int GONE = 410;

    private final Egress egress;
    private final Clock clock;
    private final RandomGenerator random;

    /** @param random spreads the retries */
    public Sender(Egress egress, Clock clock, RandomGenerator random) {
        this.egress = egress;
        this.clock = clock;
        this.random = random;
    }

    /** @throws FlowError the reason of the cancellation: nothing is known then, and the attempt is to be made again */
    public Outcome send(Message message, Cancellation cancellation) {
        Outcome outcome = attempt(message, cancellation);
        String about = "webhook %s to %s, attempt %d of %d"
                .formatted(
                        message.id(), message.to().getHost(), message.failures() + 1, RetrySchedule.PAUSES.size() + 1);
        switch (outcome) {
            case Outcome.Delivered delivered -> log.info("{}: delivered ({})", about, delivered.status());
            case Outcome.Retry retry ->
                log.info(
                        "{}: {} Next attempt in {} s.",
                        about,
                        retry.reason(),
                        retry.pause().toSeconds());
            case Outcome.Gone gone -> log.warn("{}: {} No more messages go there.", about, gone.reason());
            case Outcome.Dead dead -> log.warn("{}: {} Given up; it can be sent again by hand.", about, dead.reason());
        }
        return outcome;
    }

    private Outcome attempt(Message message, Cancellation cancellation) {
        Map<String, String> headers =
                new HashMap<>(new Signer(message.secrets()).headers(message.id(), clock.instant(), message.json()));
        headers.put("content-type", "application/json");
        Reply reply;
        try {
            reply = egress.post(message.to(), headers, message.json().getBytes(StandardCharsets.UTF_8), cancellation);
        } catch (FlowError failed) {
            return switch (failed.code()) {
                case ADDRESS_FAILED -> again(message, OptionalInt.empty(), failed.message(), Optional.empty());
                case ADDRESS_NOT_ALLOWED -> new Outcome.Dead(OptionalInt.empty(), failed.message());
                default -> throw failed;
            };
        }
        int status = reply.status();
        if (status >= 200 && status < 300) {
            return new Outcome.Delivered(status);
        }
        log.debug("webhook {}: the refusal says: {}", message.id(), reply.excerpt());
        if (status == GONE) {
            return new Outcome.Gone("The receiver answers 410: it wants no more messages.");
        }
        String reason = status >= 300 && status < 400
                ? "The receiver redirects (%d), and a message goes to its own address only.".formatted(status)
                : "The receiver answers %d.".formatted(status);
        return again(message, OptionalInt.of(status), reason, reply.retryAfter());
    }

    private Outcome again(Message message, OptionalInt status, String reason, Optional<Duration> wish) {
        return RetrySchedule.pause(message.failures() + 1, wish, random)
                .<Outcome>map(pause -> new Outcome.Retry(status, reason, pause))
                .orElseGet(() -> new Outcome.Dead(status, reason));
    }
}
