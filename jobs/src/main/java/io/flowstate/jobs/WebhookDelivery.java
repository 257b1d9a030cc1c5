package io.flowstate.jobs;

import io.flowstate.core.Check;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A message to somebody's server about one event of a job, and how it went.
 *
 * @param id the {@code webhook-id} that the receiver sees
 * @param failures attempts that failed since it was entered, or last sent again by hand
 * @param lastStatus of the receiver's last answer, if there was one
 * @param reason of the last failure, or why no attempt is made any more
 * @param next when the next attempt is due, while it is pending
 * @param attempts the last ones, the oldest first
 */
public record WebhookDelivery(
        String id,
        String job,
        WebhookEvent event,
        URI url,
        Status status,
        int failures,
        OptionalInt lastStatus,
        Optional<String> reason,
        Instant created,
        Optional<Instant> next,
        Optional<Instant> delivered,
        List<Attempt> attempts) {
    public WebhookDelivery {
        attempts = List.copyOf(attempts);
    }

    /** Where a message is on its way: pending → delivered, or dead; from there only a person's word brings it back. */
    public enum Status {
        PENDING,
        DELIVERED,
        DEAD;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Status of(String id) {
            return Check.choice("status", id, values(), Status::id);
        }
    }

    /**
     * One try.
     *
     * @param number from 1 on
     * @param status of the receiver's answer, if there was one
     * @param reason why it failed; empty if it did not
     */
    public record Attempt(int number, Instant at, Duration took, OptionalInt status, Optional<String> reason) {}
}
